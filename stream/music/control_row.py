"""The rows of the table of controls: everything that is known about one control."""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from typing import Any, NamedTuple

from stream.util.validate import numeral

AUTO = "auto"
"""Name of the value 0 of a control that the music may choose itself."""


class Kind(Enum):
    """Kind of value that a control takes."""

    NUMBER = "number"
    WHOLE = "whole number"
    PITCH = "pitch"
    """A whole number, which a listener may also give as the name of a note, such as `C4`."""
    STYLE = "style"
    SCALE = "scale"
    ENSEMBLE = "ensemble"
    """Name or file of an ensemble; empty: the one that the tune's style names."""
    PARTS = "parts"
    """Changes to parts, such as `bass=off,drums=2,lead=70%`."""


class User(Enum):
    """Process that applies a control."""

    COMPOSER = "composer"
    """The composer reads the control from each request for a phrase."""
    PLAYER = "player"
    """The player arranges a composed phrase by the control when it queues the phrase."""
    OUTPUTS = "outputs"
    """The player applies the control to its outputs at once, not to what is queued."""


class Slider(NamedTuple):
    """Slider of a control on the panel's page."""

    label: str
    group: str
    """Group of sliders on the page, such as `feel` or `pitch`."""
    step: float = 1


class Control(NamedTuple):
    """One row of the table."""

    default: float | str
    kind: Kind
    user: User
    text: str
    """Sentence for the documentation and for `--help`."""
    metavar: str
    """Name of the flag's value in `--help`."""
    bounds: tuple[float, float] | None = None
    """Lowest and highest value of a number that a listener may ask for, both included."""
    wire_bounds: tuple[float, float] | None = None
    """Wider bounds for messages between processes and for recordings; None if they are equal."""
    slider: Slider | None = None
    """Slider on the panel; None if the panel has another input for the control, or no input."""
    automatic: bool = False
    """True if the value 0, beside the bounds, leaves the choice to the music; people write it as
    `auto`."""

    @property
    def help(self) -> str:
        """Description of the flag for argparse: the text without Markdown, and the bounds."""
        text = self.text[0].lower() + self.text[1:].removesuffix(".").replace("`", "'")
        text = text.replace("%", "%%")
        return f"{text}; {self.range}" if self.bounds else text

    @property
    def range(self) -> str:
        """Bounds in words, such as `0 to 1` or `20 to 300, or auto`; empty if it is a text."""
        suffix = f", or {AUTO}" if self.automatic else ""
        return " to ".join(map(numeral, self.bounds or ())) + suffix


def row(default: float | str, *facts: Any, **more: Any) -> Any:
    """Return a dataclass field whose metadata is the row."""
    return field(default=default, metadata={"control": Control(default, *facts, **more)})


def share(default: float, user: User, text: str, metavar: str, slider: Slider) -> Any:
    """Return the field of a control from 0 to 1 that has a slider."""
    return row(default, Kind.NUMBER, user, text, metavar, bounds=(0, 1), slider=slider)


def memory(label: str, text: str) -> Any:
    """Return the field of a control of memory."""
    return share(0.0, User.COMPOSER, text, "M", Slider(label, "feel", 0.05))
