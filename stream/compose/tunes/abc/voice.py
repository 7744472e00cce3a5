"""Turn ABC tokens into events with all properties that do not depend on the notes played before.

A voice reads in the order of the page, and stores the state there: key, meter, unit length,
transposition, the current tuplet. Accidentals and ties follow the order of playing, and are
resolved by `playing`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from stream.compose.tunes.abc import transposition
from stream.compose.tunes.abc.fields import Meter, parse_meter, parse_unit
from stream.compose.tunes.abc.keys import Key, parse_key
from stream.compose.tunes.abc.tokens import (
    Bar,
    BarRest,
    Broken,
    Field,
    Overlay,
    Pitch,
    Sound,
    Tie,
    Token,
    Tuplet,
)
from stream.compose.tunes.abc.transposition import Transposition

TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
"""Number of notes whose time a tuplet of so many notes takes; others depend on the meter."""


@dataclass(frozen=True, slots=True)
class Event:
    """A note, a chord or a rest of certain length."""

    length: Fraction
    """Length in whole notes."""
    heads: tuple[Pitch, ...]
    """Pitches of the event; empty for a rest."""
    key: Key
    meter: Meter
    transposition: int
    """Transposition in semitones."""


@dataclass(frozen=True, slots=True)
class Part:
    """The head of a part that the P field of the header may call."""

    name: str


Element = Event | Bar | Part


@dataclass(slots=True)
class State:
    """The values that fields set, which hold until another field."""

    key: Key
    meter: Meter
    unit: Fraction
    transposition: Transposition

    def read(self, field: Field) -> None:
        """Apply a field. Raises `CorpusError` for a malformed one."""
        if field.letter == "K":
            self.key = parse_key(field.value, self.key)
            self.transposition = transposition.by_field(field.value, self.transposition)
        elif field.letter == "V":
            self.transposition = transposition.by_voice(field.value, self.transposition)
        elif field.letter == "I":
            self.transposition = transposition.by_directive(field.value, self.transposition)
        elif field.letter == "M":
            self.meter = parse_meter(field.value)
        elif field.letter == "L":
            self.unit = parse_unit(field.value)


class Voice:
    """A reader of tokens in the order of the page."""

    def __init__(self, state: State) -> None:
        self.written: list[Element] = []
        self._state = state
        self._tuplet = (Fraction(1), 0)
        """Scale of note lengths, and the number of notes that it still holds for."""
        self._dotted = Fraction(1)
        """Scale of the next note alone."""
        self._last: int | None = None
        """Index of the note or rest that a dot may still change."""
        self._hidden = 0
        """Bar lines up to which an overlay lasts; 0 without one."""

    def read(self, token: Token) -> None:
        """Read one token. Raises `CorpusError` for a malformed field."""
        if isinstance(token, Field):
            self._field(token)
        elif isinstance(token, Bar):
            self._bar(token)
        elif isinstance(token, Overlay):
            self._hidden = token.bars
        elif not self._hidden:
            MUSIC[type(token)](self, token)

    def _field(self, token: Field) -> None:
        if token.letter == "P":
            self.written.append(Part(token.value.strip(" .")))
        else:
            self._state.read(token)

    def _bar(self, bar: Bar) -> None:
        if bar.line:
            self._hidden = max(self._hidden - 1, 0)
        if not self._hidden:
            self.written.append(bar)

    def bar_rest(self, rest: BarRest) -> None:
        self._write(rest.bars * (self._state.meter.bar or Fraction(1)), ())

    def sound(self, sound: Sound) -> None:
        scale, left = self._tuplet
        if not left:
            scale = Fraction(1)
        length = sound.length * self._state.unit * scale * self._dotted
        self._tuplet, self._dotted = (scale, max(left - 1, 0)), Fraction(1)
        self._last = len(self.written)
        self._write(length, sound.pitches)

    def tuplet(self, tuplet: Tuplet) -> None:
        other = 3 if self._state.meter.compound else 2
        time_of = tuplet.time_of or TUPLETS.get(tuplet.played, other)
        self._tuplet = Fraction(time_of, tuplet.played), tuplet.notes

    def tie(self, _: Tie) -> None:
        """Tie all heads of the last event."""
        last = self.written[-1] if self.written else None
        if isinstance(last, Event):
            heads = tuple(dataclasses.replace(head, tied=True) for head in last.heads)
            self.written[-1] = dataclasses.replace(last, heads=heads)

    def broken(self, broken: Broken) -> None:
        """Move a half, three quarters … of one note's length to its neighbor."""
        last = self.written[self._last] if self._last is not None else None
        if self._last is None or not isinstance(last, Event):
            return
        short = Fraction(1, 2 ** abs(broken.signs))
        before, self._dotted = (2 - short, short) if broken.signs > 0 else (short, 2 - short)
        self.written[self._last] = dataclasses.replace(last, length=last.length * before)
        self._last = None

    def _write(self, length: Fraction, heads: tuple[Pitch, ...]) -> None:
        state = self._state
        self.written.append(
            Event(length, heads, state.key, state.meter, state.transposition.semitones)
        )


MUSIC: dict[type, Callable[[Voice, Any], None]] = {
    BarRest: Voice.bar_rest,
    Sound: Voice.sound,
    Tuplet: Voice.tuplet,
    Tie: Voice.tie,
    Broken: Voice.broken,
}
"""Methods for the tokens that an overlay hides."""
