"""Real and composed tunes in one form, and excerpts of them that begin at a bar line.

Both are read from their tokens, whose durations are of the same eleven classes. The unit is the
median duration of the tune's notes, for both; a tune starts at a bar line, as the corpora's upbeats
are left out. An excerpt's pitches are relative to its first note, so that no key or register can
tell two excerpts apart.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.music.tunes import Tune
from stream.compose.melody.sampler import LENGTHS, decode_pitches
from stream.compose.melody.vocabulary import REST
from stream.compose.tunes.tune import Melody

Ints = NDArray[np.int64]
UNIT = 12
"""Twelfths, in which tokens count the unit of their tune."""
FIRST = 60
"""Pitch of the first note of every excerpt."""


@dataclass(frozen=True, slots=True)
class Neutral:
    """A tune, or an excerpt of one, as its notes. Times are in ticks of any length."""

    pitch: Ints
    """MIDI number of each note [n]."""
    onset: Ints
    """Ticks from a bar line to each note, in rising order [n]."""
    duration: Ints
    """Ticks that each note takes [n]; none overlaps the next."""
    bar: int
    """Ticks in a bar."""
    unit: int
    """Ticks of the tune's median duration."""
    group: int = 0
    """Number that variants of one tune share."""
    bars_before: int = 0
    """Bars of the tune before tick 0."""

    def __len__(self) -> int:
        return len(self.pitch)

    @property
    def end(self) -> int:
        """Tick at which the last note ends."""
        return int(self.onset[-1] + self.duration[-1])

    @property
    def steps(self) -> Ints:
        """Return the ticks from each note to the next, or to the end [n]."""
        return np.diff(self.onset, append=self.end)


def of_events(tokens: Ints, bar: int, group: int) -> Neutral:
    """Return a tune of tokens [events, 3] with bars of `bar` twelfths of the tokens' unit."""
    length = LENGTHS[tokens[:, 2]].astype(np.int64)
    sounds = tokens[:, 0] != REST
    onset = (np.cumsum(length) - length)[sounds]
    duration = length[sounds]
    unit = int(np.sort(duration)[(len(duration) - 1) // 2])
    return Neutral(decode_pitches(tokens[sounds]), onset, duration, bar, unit, group)


def of_melody(melody: Melody) -> Neutral | None:
    """Return a tune of a corpus, or None if the length of its bars is not known."""
    tokens = melody.tokens.astype(np.int64)
    return of_events(tokens, UNIT * melody.bar, melody.group) if melody.bar else None


def of_melodies(melodies: Iterable[Melody]) -> list[Neutral]:
    """Return the tunes of a corpus whose bars are known."""
    return [tune for tune in map(of_melody, melodies) if tune is not None]


def of_tune(tune: Tune, group: int) -> Neutral:
    """Return a composed tune."""
    return of_events(tune.tokens, UNIT * tune.phrases[0].bar // tune.unit, group)


def excerpt(tune: Neutral, first: int, notes: int) -> Neutral:
    """Return so many notes from the note `first` on; its bar begins at tick 0."""
    part = slice(first, first + notes)
    before = int(tune.onset[first]) // tune.bar
    return dataclasses.replace(
        tune,
        pitch=tune.pitch[part] - tune.pitch[first] + FIRST,
        onset=tune.onset[part] - before * tune.bar,
        duration=tune.duration[part],
        bars_before=tune.bars_before + before,
    )


def heads(tune: Neutral, notes: int) -> Ints:
    """Return the first note of each bar from which so many notes follow."""
    lines = np.arange(0, tune.end, tune.bar)
    found = np.unique(np.searchsorted(tune.onset, lines))
    return np.asarray(found[found + notes <= len(tune)])


def excerpts(
    tunes: Sequence[Neutral], notes: int, each: int, rng: np.random.Generator
) -> list[Neutral]:
    """Return at most `each` excerpts of a tune at random bars; tunes too short give none."""
    found = []
    for tune in tunes:
        places = heads(tune, notes)
        chosen = rng.choice(places, min(each, len(places)), replace=False)
        found += [excerpt(tune, int(first), notes) for first in np.sort(chosen)]
    return found
