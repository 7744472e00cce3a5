"""The names of the series whose entropies the filter compares, and of their windows."""

SERIES = ("pitch_class", "pitch_class_step", "length", "length_step", "pitch", "pitch_step")
"""The paper's six series: each of three, and its differences from note to note."""
WINDOWS = (8, 16, 32, 64, 128)
"""Notes in each of the sliding windows."""
