"""Colors of the pictures, which color-blind eyes can tell apart (Okabe & Ito 2008)."""

BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
BLUE, VERMILION, PURPLE, GRAY = "#0072B2", "#D55E00", "#CC79A7", "#999999"
GRID = "#eef0f3"
"""Color of the grid lines."""
