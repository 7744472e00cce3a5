"""The table of controls: everything about each parameter that can be moved while music plays.

The command line, the settings, the checks between processes, OSC, MIDI maps, the panel's sliders
and the documentation are all made from this table. To add a control, add a field to `ControlTable`
and use its value, in `stream.play` if the player applies it, in `stream.compose` otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any, NamedTuple

from stream.util.validate import numeral

Blend = tuple[tuple[str, float], ...]
"""Style names and weights that sum to 1."""


class Kind(Enum):
    """Kind of value that a control takes."""

    NUMBER = "number"
    WHOLE = "whole number"
    PITCH = "pitch"
    """A whole number, which a listener may also give as the name of a note, such as `C4`."""
    STYLE = "style"
    SCALE = "scale"


class User(Enum):
    """Process that applies a control."""

    COMPOSER = "composer"
    """The composer reads the control from each request for a phrase."""
    PLAYER = "player"
    """The player arranges a composed phrase by the control when it queues the phrase."""


class Slider(NamedTuple):
    """Slider of a control on the panel's page."""

    label: str
    group: str
    """Group of sliders on the page: `feel`, `pitch` or `range`."""
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

    @property
    def help(self) -> str:
        """Description of the flag: the text without Markdown, and the bounds."""
        text = self.text[0].lower() + self.text[1:].removesuffix(".").replace("`", "'")
        return f"{text}; {self.range}" if self.bounds else text

    @property
    def range(self) -> str:
        """Bounds in words, such as `20 to 300`; empty if the value is a text."""
        return " to ".join(map(numeral, self.bounds or ()))


def _row(default: float | str, *facts: Any, **more: Any) -> Any:
    """Return a dataclass field whose metadata is the row."""
    return field(default=default, metadata={"control": Control(default, *facts, **more)})


@dataclass(frozen=True, slots=True)
class ControlTable:
    """One field for each control; the metadata of a field is its row."""

    bpm: float = _row(
        120.0,
        Kind.NUMBER,
        User.PLAYER,
        "Tempo in quarter notes per minute.",
        "B",
        bounds=(20, 300),
        wire_bounds=(1, 1000),
        slider=Slider("Tempo", "feel"),
    )
    style: tuple[Blend, ...] | str = _row(
        "",
        Kind.STYLE,
        User.COMPOSER,
        "A style such as `folk`, a blend such as `bach:0.7,jazz:0.3`, or several to walk between,"
        " `folk/jazz`; empty: each tune draws a style.",
        "S",
    )
    walk: int = _row(
        32,
        Kind.WHOLE,
        User.COMPOSER,
        "Phrases from one style of a walk to the next; the first style follows the last.",
        "N",
        bounds=(1, 1_000_000),
        wire_bounds=(1, 2**53),
    )
    temperature: float = _row(
        1.0,
        Kind.NUMBER,
        User.COMPOSER,
        "Randomness of the notes: 1 as trained, below 1 calmer, above 1 wilder.",
        "T",
        bounds=(0.1, 3),
        wire_bounds=(1e-3, 100),
        slider=Slider("Temperature", "feel", 0.05),
    )
    top_p: float = _row(
        0.95,
        Kind.NUMBER,
        User.COMPOSER,
        "Share of the probability from which notes are drawn; the unlikely rest is left out.",
        "P",
        bounds=(0.05, 1),
        wire_bounds=(0, 1),
    )
    candidates: int = _row(
        16,
        Kind.WHOLE,
        User.COMPOSER,
        "Melodies composed for each phrase, of which one is played.",
        "K",
        bounds=(1, 256),
    )
    density: float = _row(
        0.0,
        Kind.NUMBER,
        User.COMPOSER,
        "Preference among the candidates: -1 for those with the fewest notes, 1 for the most.",
        "D",
        bounds=(-1, 1),
        slider=Slider("Density", "feel", 0.05),
    )
    swing: float = _row(
        0.0,
        Kind.NUMBER,
        User.PLAYER,
        "Delay of the second eighth note of each beat, as a share of an eighth note; 0.33 gives"
        " triplets.",
        "S",
        bounds=(0, 0.75),
        wire_bounds=(0, 1),
        slider=Slider("Swing", "feel", 0.01),
    )
    accent: float = _row(
        1.0,
        Kind.NUMBER,
        User.PLAYER,
        "Strength of the accents: 0 makes all notes of a part equally loud, 1 leaves them as"
        " composed, 2 doubles their distance from the mean velocity of the part.",
        "A",
        bounds=(0, 2),
        slider=Slider("Accent", "feel", 0.05),
    )
    transpose: int = _row(
        0,
        Kind.WHOLE,
        User.PLAYER,
        "Semitones by which notes are moved up or down.",
        "N",
        bounds=(-36, 36),
        wire_bounds=(-127, 127),
        slider=Slider("Transpose", "pitch"),
    )
    low: int = _row(
        0,
        Kind.PITCH,
        User.PLAYER,
        "The lowest pitch (60 or `C4` is middle C); lower notes are moved up by octaves.",
        "P",
        bounds=(0, 127),
        slider=Slider("Lowest note", "range"),
    )
    high: int = _row(
        127,
        Kind.PITCH,
        User.PLAYER,
        "The highest pitch; higher notes are moved down by octaves.",
        "P",
        bounds=(0, 127),
        slider=Slider("Highest note", "range"),
    )
    scale: str = _row(
        "",
        Kind.SCALE,
        User.PLAYER,
        "Scale to whose nearest pitch each note is moved, such as `C major`, `F# dorian`,"
        " `E minor pentatonic` or `A blues`; empty: notes stay.",
        "K",
    )


@dataclass(frozen=True, slots=True)
class Controls(ControlTable):
    """Immutable snapshot of all controls, which travels in each request."""

    style: tuple[Blend, ...] = ()
    """One blend to stay at, several to walk between; empty: each tune draws a style."""


CONTROLS: Mapping[str, Control] = {
    each.name: each.metadata["control"] for each in fields(ControlTable)
}
"""Rows of the table by the name of the control."""


def used_by(user: User) -> tuple[str, ...]:
    """Return the names of the controls that the composer or the player applies."""
    return tuple(name for name, control in CONTROLS.items() if control.user is user)


def of_kind(*kinds: Kind) -> frozenset[str]:
    """Return the names of the controls of these kinds."""
    return frozenset(name for name, control in CONTROLS.items() if control.kind in kinds)
