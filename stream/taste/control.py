"""The row of the control `taste` in the table of controls."""

from __future__ import annotations

from typing import Any, Final

from stream.music.control_row import Kind, Slider, User, row

TASTE: Final[Any] = row(
    1.0,
    Kind.NUMBER,
    User.PLAYER,
    "Weight of the stars that were given: 0 composes as without them, 1 lets them move what is"
    " played; from the next tune on.",
    "W",
    bounds=(0, 1),
    slider=Slider("Taste", "taste", 0.05),
)
"""Field of the control in `ControlTable`."""
