"""The strains of a composed tune as they are written, with the chords of its outline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from benchmarks.music.tunes import Tune
from stream.compose.melody.outline import Outline
from stream.compose.polyphony.voicing import NO_CHORD
from stream.music.note import Note


@dataclass(frozen=True, slots=True)
class Strain:
    """A strain as it is written, with times in ticks from its head."""

    notes: tuple[Note, ...]
    length: int
    times: int
    """Times that it is played in a row."""
    chords: tuple[tuple[int, int], ...]
    """Onset and class of each chord, in the key of the tune."""


def strains(tune: Tune, outline: Outline) -> Iterator[Strain]:
    """Yield the strains of a tune in the order in which they are written."""
    bar, begin = tune.phrases[0].bar, 0
    for number, again in groupby(outline.strains):
        times = len(list(again))
        length = outline.lengths[number] * bar
        end = begin + length
        notes = [n.moved(-begin) for n in tune.notes if begin <= n.onset < end]
        inside = tuple(n.until(min(n.end, length)) for n in notes)
        head = sum(outline.lengths[:number]) * bar
        yield Strain(inside, length, times, tuple(chords(outline, head, head + length)))
        begin += times * length


def chords(outline: Outline, begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield onset and class of the chords between two ticks of the written tune.

    The chord that sounds at the first of them is named again.
    """
    onset = 0
    for chord, units in outline.chords:
        after = onset + units * outline.unit
        if onset < end and after > begin and chord != NO_CHORD:
            yield max(onset - begin, 0), chord
        onset = after
