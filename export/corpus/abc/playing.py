"""From events in the order of playing to notes: accidentals, ties, and what holds for the tune.

An accidental holds for its letter in all octaves up to the next bar line that is played; a tie
carries it over that line, into the next note. Of a chord the highest note is heard.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from export.corpus.abc.tokens import Bar, Pitch
from export.corpus.abc.transposition import STEPS
from export.corpus.abc.voice import Event
from stream.errors import CorpusError
from stream.note import TICKS_PER_BEAT, Note

WHOLE = 4 * TICKS_PER_BEAT
LONGEST = 10_000 * WHOLE
"""Ticks in one tune."""
MIDDLE_C = 60
Value = TypeVar("Value", bound=Hashable)


def notes(played: Iterable[Event | Bar]) -> tuple[Note, ...]:
    """Ties joined and rests counted.

    Raises `CorpusError` without a note, with far too many, or with one that MIDI does not have.
    """
    found: list[Note] = []
    now = Fraction(0)
    tied = False
    ear = _Ear()
    for element in played:
        if isinstance(element, Bar):
            ear.pass_bar(element)
            continue
        onset = round(now * WHOLE)
        now += element.length
        duration = round(now * WHOLE) - onset
        pitch, ties = ear.hear(element)
        if pitch is not None and duration:
            if tied and found[-1].pitch == pitch:
                note = found.pop()
                onset, duration = note.onset, note.duration + duration
            found.append(Note(onset, duration, pitch))
        tied = ties and bool(found)
    if not found:
        raise CorpusError("a tune without notes")
    if now * WHOLE > LONGEST:
        raise CorpusError("a tune longer than 10000 bars; is a length wrong?")
    return tuple(found)


class _Ear:
    """Keeps in mind the accidentals that still hold."""

    def __init__(self) -> None:
        self._in_bar: dict[str, int] = {}
        """By letter, in all octaves."""
        self._tied: dict[tuple[str, int], int] = {}
        """Those of tied notes, by letter and octave."""

    def pass_bar(self, bar: Bar) -> None:
        if bar.line:
            self._in_bar = {}

    def hear(self, event: Event) -> tuple[int | None, bool]:
        """The highest pitch of an event, if it is no rest, and whether a tie leads on from it."""
        signs = [(head, self._accidental(head, event)) for head in event.heads]
        self._tied = {(head.letter, head.octave): sign for head, sign in signs if head.tied}
        heard = [(_midi(head, sign + event.transposition), head.tied) for head, sign in signs]
        return max(heard, default=(None, False))

    def _accidental(self, head: Pitch, event: Event) -> int:
        if head.accidental is not None:
            self._in_bar[head.letter] = head.accidental
            return head.accidental
        signature = event.key.accidentals.get(head.letter, 0)
        in_bar = self._in_bar.get(head.letter, signature)
        return self._tied.get((head.letter, head.octave), in_bar)


def _midi(head: Pitch, moved: int) -> int:
    pitch = MIDDLE_C + STEPS[head.letter] + 12 * head.octave + moved
    if not 0 <= pitch <= 127:
        raise CorpusError(f"a note {head.letter} lies {head.octave} octaves from middle C's")
    return pitch


@dataclass(frozen=True, slots=True)
class Frame:
    """What holds for a tune as a whole."""

    bar: int
    """Ticks in a bar of the metre that holds longest; 0: free."""
    downbeat: int
    """Tick of a bar line, less than a bar from the beginning."""
    mode: str
    """That of the key which holds longest."""


def frame(played: Sequence[Event | Bar]) -> Frame:
    """Metre and mode of the music, whatever the header says."""
    events = [element for element in played if isinstance(element, Event)]
    bar = _longest((event.metre.bar, event.length) for event in events)
    mode = _longest((event.key.mode, event.length) for event in events)
    downbeat = _downbeat(played, bar) % bar if bar else Fraction(0)
    return Frame(round(bar * WHOLE), round(downbeat * WHOLE), mode)


def _longest(held: Iterable[tuple[Value, Fraction]]) -> Value:
    """The value that holds longest, of several the first."""
    lengths: dict[Value, Fraction] = {}
    for value, length in held:
        lengths[value] = lengths.get(value, Fraction(0)) + length
    return max(lengths, key=lambda value: lengths[value])


def _downbeat(played: Iterable[Event | Bar], bar: Fraction) -> Fraction:
    """The first bar line in music of that metre; its beginning, if that is a bar before or more."""
    now = Fraction(0)
    begin: Fraction | None = None
    for element in played:
        if isinstance(element, Event):
            if begin is None and element.metre.bar == bar:
                begin = now
            now += element.length
        elif element.line and begin is not None and now > begin:
            return now if now - begin < bar else begin
    return begin or Fraction(0)
