"""The control of a listener's taste, a part of the table of controls."""

from __future__ import annotations

from dataclasses import dataclass

from stream.music.control_row import Kind, Slider, User, row


@dataclass(frozen=True, slots=True, kw_only=True)
class TasteControl:
    """The row of the control; `stream.music.controls` holds the others."""

    taste: float = row(
        1.0,
        Kind.NUMBER,
        User.PLAYER,
        "Weight of the stars that were given: 0 composes as without them, 1 moves what is played;"
        " from the next tune on.",
        "W",
        bounds=(0, 1),
        slider=Slider("Taste", "feel", 0.05),
    )
