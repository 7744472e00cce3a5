"""Note values: a part cut into chords and rests that each have one sign. Pure.

A part with several notes at once is written in one voice: wherever a note begins or ends, a chord
ends, and the notes that last longer are tied to the next one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from stream.music.note import TICKS_PER_BEAT, Note

WHOLE: Final = 4 * TICKS_PER_BEAT
TYPES: Final = ("whole", "half", "quarter", "eighth", "16th", "32nd", "64th")
"""Names of the note values, each half as long as the one before."""
TRIPLET: Final = (3, 2)
"""Notes of a triplet, and how many of the same value last as long."""


@dataclass(frozen=True, slots=True)
class Value:
    """A note value."""

    type: str
    """Name, such as `quarter`."""
    dotted: bool = False
    triplet: bool = False


def _values() -> Mapping[int, Value]:
    found: dict[int, Value] = {}
    for halvings, name in enumerate(TYPES):
        ticks, rest = divmod(WHOLE, 2**halvings)
        if not rest and ticks % 3 == 0:
            found.setdefault(ticks, Value(name))
            found.setdefault(ticks * 2 // 3, Value(name, triplet=True))
            if ticks % 2 == 0:
                found.setdefault(ticks * 3 // 2, Value(name, dotted=True))
    return {ticks: found[ticks] for ticks in sorted(found, reverse=True)}


VALUES: Final = _values()
"""Note value by its length in ticks, the longest first."""


@dataclass(frozen=True, slots=True)
class Tied:
    """A pitch of a chord."""

    pitch: int
    begins: bool
    """True if the note begins here, not tied to the chord before."""
    ends: bool
    """True if the note ends here, not tied to the chord after."""


@dataclass(frozen=True, slots=True)
class Chord:
    """Notes that sound together for the time of one sign; a rest without notes."""

    onset: int
    """Ticks from the start of the tune."""
    ticks: int
    notes: tuple[Tied, ...] = ()

    @property
    def value(self) -> Value | None:
        """The note value; None for a length that has no sign."""
        return VALUES.get(self.ticks)


def measures(notes: Sequence[Note], bars: Sequence[int]) -> Iterator[list[Chord]]:
    """Yield the chords and rests of each measure; `bars` are the ticks of the bar lines."""
    cuts = sorted({*bars, *(note.onset for note in notes), *(note.end for note in notes)})
    waiting = list(reversed(notes))
    active: list[Note] = []
    chords: list[Chord] = []
    for begin, end in pairwise(cuts):
        active = [note for note in active if note.end > begin]
        while waiting and waiting[-1].onset <= begin:
            active.append(waiting.pop())
        chords += _signs(begin, end, sorted(active, key=lambda note: note.pitch), bars)
    for begin, end in pairwise(bars):
        yield [chord for chord in chords if begin <= chord.onset < end]


def _signs(begin: int, end: int, active: Sequence[Note], bars: Sequence[int]) -> Iterator[Chord]:
    """Yield the signs from one cut to the next, which lie in the same measure."""
    bar = bars[bisect_right(bars, begin) - 1]
    at = begin
    while at < end:
        ticks = length_of_sign(at - bar, end - at)
        tied = (Tied(n.pitch, n.onset == at, n.end == at + ticks) for n in active)
        yield Chord(at, ticks, tuple(tied))
        at += ticks


def length_of_sign(at: int, ticks: int) -> int:
    """Return the length of the first of the signs for `ticks` from tick `at` of a measure on.

    One sign if there is one; else one up to the next beat if there is one for that.
    """
    if ticks in VALUES:
        return ticks
    to_beat = TICKS_PER_BEAT - at % TICKS_PER_BEAT
    if to_beat < ticks and to_beat in VALUES:
        return to_beat
    return next((value for value in VALUES if value <= ticks), ticks)
