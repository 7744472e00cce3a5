"""Notes as they are written: places in the beat, values, ties and rests.

A played note may begin and end anywhere. It is written at the nearest place of the simplest
division of its beat, and a gap shorter than an eighth is part of the note before. Values are cut
where they would hide a beat, and tied. Times in ticks from the head of the tune.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from stream.music.note import Note

QUARTER: Final = 48
COMPOUND: Final = 72
"""Ticks of the beat of compound meters, a dotted quarter note."""
SIMPLE_DIVISIONS: Final = (1, 2, 4, 3)
COMPOUND_DIVISIONS: Final = (1, 3, 6, 2, 4)
"""Divisions of a beat, the simplest first."""
SIMPLE_FINE: Final = (6, 8, 12)
COMPOUND_FINE: Final = (12,)
"""Divisions of a beat with more notes than the usual ones keep apart."""
EIGHTH: Final = 24
SIXTEENTH: Final = 12
PLAIN: Final = (72, 48, 36, 24, 18, 12, 6)
TRIPLETS: Final = (64, 32, 16, 8, 4)
"""Values within a beat, from the longest, in ticks: plain or dotted ones, and those of triplets."""


@dataclass(frozen=True, slots=True)
class Meter:
    """The lengths of bar and beat in ticks."""

    bar: int
    beat: int

    @property
    def divisions(self) -> tuple[int, ...]:
        return COMPOUND_DIVISIONS if self.beat == COMPOUND else SIMPLE_DIVISIONS

    @property
    def fine(self) -> tuple[int, ...]:
        return COMPOUND_FINE if self.beat == COMPOUND else SIMPLE_FINE

    @property
    def middle(self) -> int:
        """The place that values show in a bar of four beats; the end of other bars."""
        return self.bar // 2 if self.bar == 4 * self.beat else self.bar


@dataclass(frozen=True, slots=True)
class Value:
    """A note or a rest of one written value."""

    onset: int
    end: int
    pitch: int | None
    """MIDI number; None for a rest."""
    tied: bool = False
    """True if the next value is the same note."""

    @property
    def in_triplet(self) -> bool:
        return (self.end - self.onset) % PLAIN[-1] != 0


def meter_of(written: str, bar: int) -> Meter:
    """Return the meter that is written so, such as `6/8`, in bars of so many ticks."""
    over, under = map(int, written.split("/"))
    if under == 8 and over % 3 == 0:
        return Meter(bar, COMPOUND)
    return Meter(bar, 2 * QUARTER if under == 2 else QUARTER)


def in_beats(notes: Sequence[Note], length: int, meter: Meter) -> list[Note]:
    """Return the notes of a tune of this length, in order, at places in their beats."""
    beat = meter.beat
    division: dict[int, int] = {}
    placed: list[Note] = []
    begins = [*(note.onset for note in notes), length]
    for number, group in groupby(notes, key=lambda n: n.onset // beat):
        inside = list(group)
        begin = number * beat
        onsets = [n.onset - begin for n in inside]
        following = begins[len(placed) + len(inside)] - begin
        division[number], places = _places(onsets, following, meter)
        placed += [
            _lasting(n, begin + place, n.end) for n, place in zip(inside, places, strict=True)
        ]
    ends = [*(note.onset for note in placed[1:]), length]
    return [_ended(n, end, meter, division) for n, end in zip(placed, ends, strict=False)]


def _lasting(note: Note, onset: int, end: int) -> Note:
    return dataclasses.replace(note, onset=onset, duration=max(end - onset, 1))


def _places(onsets: Sequence[int], following: int, meter: Meter) -> tuple[int, list[int]]:
    """Return the division of a beat, and the place of each note in it, in ticks from the beat on.

    `following` is the onset of the next note.
    """
    gaps = [b - a for a, b in zip(onsets, [*onsets[1:], following], strict=True)]
    usual, fine = (_placed(onsets, following, meter.beat, d) for d in (meter.divisions, meter.fine))
    close = 4 * min(gaps) < meter.beat
    exact = [each for each in (*usual, *(fine if close else ())) if not each[0]]
    found = exact[:1] or sorted(usual) or sorted(fine) or [(0, meter.beat, list(onsets))]
    return found[0][1:]


def _placed(
    onsets: Sequence[int], following: int, beat: int, divisions: Sequence[int]
) -> list[tuple[int, int, list[int]]]:
    """Return error, division and places for those divisions that keep all notes apart."""
    found = []
    for division in divisions:
        step = beat // division
        last = division if following >= beat + EIGHTH else division - 1
        places = [min((2 * at + step) // (2 * step), last) * step for at in onsets]
        if len(set(places)) == len(places):
            error = sum(abs(a - b) for a, b in zip(places, onsets, strict=True))
            found.append((error, division, places))
    return found


def _ended(note: Note, following: int, meter: Meter, division: Mapping[int, int]) -> Note:
    """Return a note that ends at a place of its last beat, at the onset of the next at most."""
    begin = (note.end - 1) // meter.beat * meter.beat
    step = meter.beat // max(division.get(begin // meter.beat, 1), meter.divisions[1])
    steps = (2 * (note.end - begin) + step) // (2 * step)
    end = begin + max(steps, (note.onset - begin) // step + 1) * step
    return _lasting(note, note.onset, end if following - end >= EIGHTH else following)


def values(notes: Sequence[Note], length: int, meter: Meter) -> Iterator[Value]:
    """Yield the values of notes that do not overlap, and of the rests between them."""
    last = 0
    for note in notes:
        yield from _pieces(last, note.onset, None, meter)
        yield from _pieces(note.onset, note.end, note.pitch, meter)
        last = note.end
    yield from _pieces(last, length, None, meter)


def _pieces(onset: int, end: int, pitch: int | None, meter: Meter) -> Iterator[Value]:
    while onset < end:
        bar = onset // meter.bar * meter.bar
        inside = min(end - bar, meter.bar)
        stop = bar + (_rest if pitch is None else _note)(onset - bar, inside, meter)
        if stop - onset < meter.beat:
            stop = onset + _within(onset % meter.beat, stop - onset)
        yield Value(onset, stop, pitch, pitch is not None and stop < end)
        onset = stop


def _within(place: int, length: int) -> int:
    """Return the longest single value that fits a length within a beat, from a place in it on."""
    plain = place % PLAIN[-1] == 0 and length % PLAIN[-1] == 0
    return next((v for v in (PLAIN if plain else TRIPLETS) if v <= length), length)


def triplets(found: Sequence[Value]) -> Iterator[list[Value]]:
    """Yield the values of each triplet: together as long as sixteenths."""
    group: list[Value] = []
    for value in found:
        if not value.in_triplet:
            group = []
            continue
        group.append(value)
        if (value.end - group[0].onset) % SIXTEENTH == 0:
            yield group
            group = []


def _rest(onset: int, end: int, meter: Meter) -> int:
    """Return the end of the rest that begins here, at most `end`; both in the bar."""
    double = 2 * meter.beat
    if onset == 0 and end == meter.bar:
        return end
    if onset % double == 0 and end >= onset + double:
        return onset + double
    return min(end, onset - onset % meter.beat + meter.beat)


def _note(onset: int, end: int, meter: Meter) -> int:
    """Return the end of the value that begins here, at most `end`; both in the bar."""
    beat, half = meter.beat, meter.beat // 2
    simple = beat != COMPOUND
    if onset == 0 and end == meter.bar == 4 * beat:
        return end
    usual = (onset % beat, end - onset) in {(half, 2 * half), (0, 3 * half)}
    if simple and usual and not onset < meter.middle < end:
        return end
    if onset % beat:
        return min(end, onset - onset % beat + beat)
    longest = (4, 3, 2) if meter.bar > 4 * beat else (3, 2)
    stops = [onset + beats * beat for beats in (longest if simple else (2,))]
    return next((stop for stop in stops if stop <= end), min(end, onset + beat))
