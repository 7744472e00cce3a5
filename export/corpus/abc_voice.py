"""From ABC tokens to events: pitches by key and accidentals, lengths by tuplets and dots.

A voice is what a player keeps in mind while reading: the key, the accidentals of this bar, the
unit length, the tuplet that is going on.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from fractions import Fraction

from export.corpus.abc_fields import Key, Metre, parse_key, parse_metre, parse_unit
from export.corpus.abc_tokens import (
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
from stream.errors import CorpusError

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
"""Semitones above C."""
MIDDLE_C = 60
TUPLETS = {2: 3, 3: 2, 4: 3, 6: 2, 8: 3}
"""In the time of how many so many notes are played; others depend on the metre."""


@dataclass(frozen=True, slots=True)
class Event:
    """A note or a rest of certain length."""

    length: Fraction
    """Whole notes."""
    pitch: int | None = None
    """MIDI note number; None: a rest."""
    tied: bool = False
    """It goes on in the next event, should that have the same pitch."""


class Voice:
    """Reads tokens in the order of the page."""

    def __init__(self, key: Key, metre: Metre, unit: Fraction) -> None:
        self.key, self.metre, self.unit = key, metre, unit
        self.written: list[Event | Bar] = []
        self._accidentals: dict[str, int] = {}
        """Of this bar, by letter, in all octaves."""
        self._tied: dict[tuple[str, int], int] = {}
        """Accidentals that a tie carries over the bar line, by letter and octave."""
        self._sounding: dict[tuple[str, int], int] = {}
        """Likewise, of the note or chord written last."""
        self._tuplet = (Fraction(1), 0)
        """Scale, and how many notes it still holds for."""
        self._dotted = Fraction(1)
        """Scale of the next note alone."""
        self._last: int | None = None
        """Index of the note or rest that a dot may still change."""
        self._hidden = False
        """Within an overlay."""

    def read(self, token: Token) -> None:
        """Take in one token. Raises `CorpusError` for a malformed field."""
        if isinstance(token, Bar):
            self._bar(token)
        elif isinstance(token, Overlay):
            self._hidden = True
        elif isinstance(token, Field):
            self._field(token)
        elif not self._hidden:
            self._music(token)

    def _music(self, token: Token) -> None:
        if isinstance(token, Sound):
            self._sound(token)
        elif isinstance(token, BarRest):
            self.written.append(Event(token.bars * (self.metre.bar or Fraction(1))))
        elif isinstance(token, Tuplet):
            other = 3 if self.metre.compound else 2
            time_of = token.time_of or TUPLETS.get(token.played, other)
            self._tuplet = Fraction(time_of, token.played), token.notes
        elif isinstance(token, Broken):
            self._broken(token.signs)
        elif isinstance(token, Tie):
            self._tie()

    def _field(self, token: Field) -> None:
        if token.letter == "K":
            self.key = parse_key(token.value, self.key)
        elif token.letter == "M":
            self.metre = parse_metre(token.value)
        elif token.letter == "L":
            self.unit = parse_unit(token.value)

    def _bar(self, bar: Bar) -> None:
        if bar.line:
            self._accidentals = {}
            self._hidden = False
        self.written.append(bar)

    def _sound(self, sound: Sound) -> None:
        self._sounding = {(p.letter, p.octave): self._accidental(p) for p in sound.pitches}
        pitches = [_midi(*head, sign) for head, sign in self._sounding.items()]
        scale, left = self._tuplet
        if not left:
            scale = Fraction(1)
        length = sound.length * self.unit * scale * self._dotted
        self._tuplet, self._dotted = (scale, max(left - 1, 0)), Fraction(1)
        self._tied = {}
        self._last = len(self.written)
        self.written.append(Event(length, max(pitches, default=None)))
        if sound.tied:
            self._tie()

    def _accidental(self, pitch: Pitch) -> int:
        if pitch.accidental is not None:
            self._accidentals[pitch.letter] = pitch.accidental
            return pitch.accidental
        signature = self.key.accidentals.get(pitch.letter, 0)
        in_bar = self._accidentals.get(pitch.letter, signature)
        return self._tied.get((pitch.letter, pitch.octave), in_bar)

    def _tie(self) -> None:
        self._tied = self._sounding
        last = self.written[-1] if self.written else None
        if isinstance(last, Event):
            self.written[-1] = dataclasses.replace(last, tied=True)

    def _broken(self, signs: int) -> None:
        """One note takes a half, three quarters … of its neighbour's length."""
        last = self.written[self._last] if self._last is not None else None
        if self._last is None or not isinstance(last, Event):
            return
        short = Fraction(1, 2 ** abs(signs))
        before, self._dotted = (2 - short, short) if signs > 0 else (short, 2 - short)
        self.written[self._last] = dataclasses.replace(last, length=last.length * before)
        self._last = None


def _midi(letter: str, octave: int, accidental: int) -> int:
    pitch = MIDDLE_C + STEPS[letter] + 12 * octave + accidental
    if not 0 <= pitch <= 127:
        raise CorpusError(f"a note {letter} lies {octave} octaves from middle C's")
    return pitch
