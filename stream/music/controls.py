"""The table of controls: everything about each parameter that can be moved while music plays.

Flags, settings, checks, OSC, MIDI maps, sliders and documents are made from it: `CONTRIBUTING.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from stream.music.control_row import AUTO as AUTO  # noqa: PLC0414 (part of the table)
from stream.music.control_row import Control as Control  # noqa: PLC0414
from stream.music.control_row import Kind as Kind  # noqa: PLC0414
from stream.music.control_row import Slider, memory, row, share
from stream.music.control_row import User as User  # noqa: PLC0414
from stream.music.tune_facts import TuneFacts
from stream.taste.control import TASTE

Blend = tuple[tuple[str, float], ...]
"""Style names and weights that sum to 1."""


@dataclass(frozen=True, slots=True)
class ControlTable:
    """One field for each control; the metadata of a field is its row."""

    bpm: float = row(
        0.0,
        Kind.NUMBER,
        User.PLAYER,
        "Tempo in quarter notes per minute; `auto`, or 0: each tune's own, or 120 if it has none.",
        "B",
        bounds=(20, 300),
        wire_bounds=(1, 1000),
        slider=Slider("Tempo", "pace"),
        automatic=True,
    )
    slowest: float = row(
        20.0,
        Kind.NUMBER,
        User.PLAYER,
        "The slowest tempo at which a tune with a tempo of its own is played.",
        "B",
        bounds=(20, 300),
        slider=Slider("Slowest", "tempo"),
    )
    fastest: float = row(
        300.0,
        Kind.NUMBER,
        User.PLAYER,
        "The fastest tempo at which a tune with a tempo of its own is played.",
        "B",
        bounds=(20, 300),
        slider=Slider("Fastest", "tempo"),
    )
    style: tuple[Blend, ...] | str = row(
        "",
        Kind.STYLE,
        User.COMPOSER,
        "A style such as `folk`, a blend such as `bach:0.7,jazz:0.3`, or several to walk between,"
        " `folk/jazz`; empty: each tune draws a style.",
        "S",
    )
    walk: int = row(
        32,
        Kind.WHOLE,
        User.COMPOSER,
        "Phrases from one style of a walk to the next; the first style follows the last.",
        "N",
        bounds=(1, 1_000_000),
        wire_bounds=(1, 2**53),
    )
    temperature: float = row(
        1.0,
        Kind.NUMBER,
        User.COMPOSER,
        "Randomness of the notes: 1 as trained, below 1 calmer, above 1 wilder.",
        "T",
        bounds=(0.1, 3),
        wire_bounds=(1e-3, 100),
        slider=Slider("Temperature", "feel", 0.05),
    )
    top_p: float = row(
        0.95,
        Kind.NUMBER,
        User.COMPOSER,
        "Share of the probability from which notes are drawn; the unlikely rest is left out.",
        "P",
        bounds=(0.05, 1),
        wire_bounds=(0, 1),
    )
    candidates: int = row(
        16,
        Kind.WHOLE,
        User.COMPOSER,
        "Melodies composed for each phrase, of which one is played.",
        "K",
        bounds=(1, 256),
    )
    density: float = row(
        0.0,
        Kind.NUMBER,
        User.COMPOSER,
        "Preference among the candidates: -1 for those with the fewest notes, 1 for the most.",
        "D",
        bounds=(-1, 1),
        slider=Slider("Density", "feel", 0.05),
    )
    pitch_memory: float = memory(
        "Pitch memory",
        "Share of a tune's bars that take their pitches from four bars before: 1 is a loop.",
    )
    rhythm_memory: float = memory(
        "Rhythm memory",
        "Share of a tune's bars that take their rhythm from four bars before: 1 is a loop.",
    )
    swing: float = row(
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
    accent: float = row(
        1.0,
        Kind.NUMBER,
        User.PLAYER,
        "Strength of the accents: 0 makes all notes of a part equally loud, 1 leaves them as"
        " composed, 2 doubles their distance from the mean velocity of the part.",
        "A",
        bounds=(0, 2),
        slider=Slider("Accent", "feel", 0.05),
    )
    transpose: int = row(
        0,
        Kind.WHOLE,
        User.PLAYER,
        "Semitones by which notes are moved up or down.",
        "N",
        bounds=(-36, 36),
        wire_bounds=(-127, 127),
        slider=Slider("Transpose", "pitch"),
    )
    low: int = row(
        0,
        Kind.PITCH,
        User.PLAYER,
        "The lowest pitch (60 or `C4` is middle C); lower notes are moved up by octaves.",
        "P",
        bounds=(0, 127),
        slider=Slider("Lowest note", "range"),
    )
    high: int = row(
        127,
        Kind.PITCH,
        User.PLAYER,
        "The highest pitch; higher notes are moved down by octaves.",
        "P",
        bounds=(0, 127),
        slider=Slider("Highest note", "range"),
    )
    scale: str = row(
        "",
        Kind.SCALE,
        User.PLAYER,
        "Scale to whose nearest pitch each note is moved, such as `C major`, `F# dorian`,"
        " `E minor pentatonic` or `A blues`; empty: notes stay.",
        "K",
    )
    ensemble: str = row(
        "",
        Kind.ENSEMBLE,
        User.COMPOSER,
        "Ensemble that plays, such as `jazz`, `hymn` or `solo`, or the file of another one; empty:"
        " the ensemble of the tune's style.",
        "E",
    )
    parts: str = row(
        "",
        Kind.PARTS,
        User.PLAYER,
        "Parts that are silent, softer, or on another MIDI channel: `bass=off,lead=70%,drums=2`.",
        "P",
    )
    energy: float = share(
        0.5,
        User.COMPOSER,
        "Energy of the music: 0 sparse and soft, 1 full and loud; it chooses which parts play.",
        "E",
        Slider("Energy", "band", 0.01),
    )
    arc: float = share(
        0.6,
        User.COMPOSER,
        "Depth of the slow arc in which the energy moves by itself: 0 leaves it where it is.",
        "A",
        Slider("Arc", "band", 0.05),
    )
    expression: float = row(
        1.0,
        Kind.NUMBER,
        User.PLAYER,
        "Depth of the performance, its timing and dynamics: 0 plays the grid, 1 plays as performers"
        " do.",
        "X",
        bounds=(0, 2),
        slider=Slider("Expression", "band", 0.05),
    )
    volume: float = share(
        1.0,
        User.OUTPUTS,
        "Volume of everything that plays: 1 leaves each channel at its own level, 0 is silent.",
        "V",
        Slider("Volume", "volume", 0.01),
    )
    taste: float = TASTE


@dataclass(frozen=True, slots=True)
class Controls(ControlTable):
    """Immutable snapshot of all controls, which travels in each request."""

    style: tuple[Blend, ...] = ()
    """One blend to stay at, several to walk between; empty: each tune draws a style."""

    def tempo(self, facts: TuneFacts) -> float:
        """Return the tempo at which a tune is played, in quarter notes a minute."""
        return self.bpm or min(max(facts.own_tempo, self.slowest), self.fastest)


CONTROLS: Mapping[str, Control] = {f.name: f.metadata["control"] for f in fields(ControlTable)}
"""Rows of the table by the name of the control."""


def used_by(user: User) -> tuple[str, ...]:
    """Return the names of the controls that the composer or the player applies."""
    return tuple(name for name, control in CONTROLS.items() if control.user is user)


AUTOMATIC = frozenset(name for name, control in CONTROLS.items() if control.automatic)
"""Names of the controls that may be `auto`, which is 0."""


def of_kind(*kinds: Kind) -> frozenset[str]:
    """Return the names of the controls of these kinds."""
    return frozenset(name for name, control in CONTROLS.items() if control.kind in kinds)
