"""Turn events in the order of playing into notes: accidentals, ties, and the frame of the tune.

An accidental holds for its letter in all octaves up to the next bar line that is played; a tie
carries it over that line, into the next note. The highest note of a chord is the melody.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from stream.compose.tunes.abc.tokens import Bar, Pitch
from stream.compose.tunes.abc.transposition import STEPS
from stream.compose.tunes.abc.voice import Event
from stream.errors import CorpusError
from stream.music.note import TICKS_PER_BEAT, Note

WHOLE = 4 * TICKS_PER_BEAT
LONGEST = 10_000 * WHOLE
"""Largest number of ticks in one tune."""
MIDDLE_C = 60
Value = TypeVar("Value", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Timed:
    """An event or a bar line as it is played, in ticks of the tune."""

    begin: int
    end: int
    element: Event | Bar


def timed(played: Iterable[Event | Bar]) -> list[Timed]:
    """Return the times of all elements. Raises `CorpusError` for a tune beyond `LONGEST`."""
    found: list[Timed] = []
    now, begin = Fraction(0), 0
    for element in played:
        end = begin
        if isinstance(element, Event):
            now += element.length
            end = round(now * WHOLE)
        found.append(Timed(begin, end, element))
        begin = end
    if begin > LONGEST:
        raise CorpusError("a tune longer than 10000 bars; check its note lengths")
    return found


def notes(played: Iterable[Timed]) -> tuple[Note, ...]:
    """Return the notes, with ties joined.

    Raises `CorpusError` for a tune without notes, or with a note out of MIDI's range.
    """
    found: list[Note] = []
    tied = False
    accidentals = _Accidentals()
    for time in played:
        if isinstance(time.element, Bar):
            accidentals.pass_bar(time.element)
            continue
        pitch, ties = accidentals.highest(time.element)
        if pitch is not None and time.end > time.begin:
            begin = found.pop().onset if tied and found[-1].pitch == pitch else time.begin
            found.append(Note(begin, time.end - begin, pitch))
        tied = ties and bool(found)
    if not found:
        raise CorpusError("a tune without notes")
    return tuple(found)


class _Accidentals:
    """The accidentals that hold at the current event."""

    def __init__(self) -> None:
        self._in_bar: dict[str, int] = {}
        """Accidentals of the bar by letter, in all octaves."""
        self._tied: dict[tuple[str, int], int] = {}
        """Accidentals of tied notes by letter and octave."""

    def pass_bar(self, bar: Bar) -> None:
        if bar.line:
            self._in_bar = {}

    def highest(self, event: Event) -> tuple[int | None, bool]:
        """Return the highest pitch of an event, None for a rest, and True if it is tied on."""
        signs = [(head, self._accidental(head, event)) for head in event.heads]
        self._tied = {(head.letter, head.octave): sign for head, sign in signs if head.tied}
        pitches = [(_midi(head, sign + event.transposition), head.tied) for head, sign in signs]
        return max(pitches, default=(None, False))

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
        raise CorpusError(f"a note {head.letter} is {head.octave} octaves from middle C's")
    return pitch


@dataclass(frozen=True, slots=True)
class Frame:
    """Meter and mode of a tune as a whole."""

    bar: int
    """Ticks in a bar of the meter that holds longest; 0 for free meter."""
    downbeat: int
    """Tick of a bar line, less than a bar from the beginning."""
    mode: str
    """Mode of the key that holds longest."""


def frame(played: Sequence[Timed]) -> Frame:
    """Return meter and mode of the music itself, which may differ from the header's."""
    elements = [(time.element, time.end - time.begin) for time in played]
    events = [(event, ticks) for event, ticks in elements if isinstance(event, Event)]
    bar = _longest((event.meter.bar, ticks) for event, ticks in events)
    mode = _longest((event.key.mode, ticks) for event, ticks in events)
    ticks = round(bar * WHOLE)
    return Frame(ticks, _downbeat(played, bar) % ticks if ticks else 0, mode)


def _longest(held: Iterable[tuple[Value, int]]) -> Value:
    """Return the value that holds longest, of several the first."""
    lengths: dict[Value, int] = {}
    for value, length in held:
        lengths[value] = lengths.get(value, 0) + length
    return max(lengths, key=lambda value: lengths[value])


def _downbeat(played: Iterable[Timed], bar: Fraction) -> int:
    """Return the tick of the first bar line in music with bars of that length.

    It is the beginning of that music if the bar line is a bar or more after it.
    """
    begin: int | None = None
    for time in played:
        if isinstance(time.element, Event):
            if begin is None and time.element.meter.bar == bar:
                begin = time.begin
        elif time.element.line and begin is not None and time.begin > begin:
            return time.begin if time.begin - begin < bar * WHOLE else begin
    return begin or 0
