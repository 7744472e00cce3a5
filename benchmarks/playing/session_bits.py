"""Bits of the second half of what a person plays, given the first half, against without it.

A voice reads the second half afresh, as it reads a call, or after the first half. A model of the
person (`stream.compose.melody.person`) has counted the first half, and is mixed with the voice.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.music.voice_bits import NOTHING, told, voice_bits
from export.corpus.dataset import split_of
from stream.compose.melody.person import ORDER, Person
from stream.compose.melody.vocabulary import Token
from stream.compose.step import Step
from stream.compose.tunes.tune import Melody

VOICE, PERSON, OTHER = (
    "voice", "voice and person", "voice and another person",
)  # fmt: skip
AFRESH, READ = "read afresh", "after the first half"
DRAWS = 2000

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Playing:
    """A performance in two halves."""

    melody: Melody
    half: int
    """Events of the first half."""

    def events(self, begin: int, end: int | None = None) -> list[Token]:
        """Return events as tokens."""
        rows = self.melody.tokens[begin:end].astype(int).tolist()
        return [(pitch_class, octave, length) for pitch_class, octave, length in rows]

    def person(self) -> Person:
        """Return the model of the person after the first half."""
        return Person(self.events(0, self.half))

    def second(self) -> Melody:
        """Return the second half alone."""
        return dataclasses.replace(self.melody, tokens=self.melody.tokens[self.half :])


def performances(melodies: Sequence[Melody], split: str) -> list[Playing]:
    """Return the tunes of a split in two halves; the parts of a solo are joined before."""
    parts: dict[tuple[int, str, int], list[Melody]] = {}
    for melody in melodies:
        if split_of(melody) == split:
            title = re.sub(r", bar \d+$", "", melody.title)
            parts.setdefault((melody.group, title, melody.key), []).append(melody)
    found = []
    for some in parts.values():
        tokens = np.concatenate([melody.tokens for melody in some])
        found.append(Playing(dataclasses.replace(some[0], tokens=tokens), len(tokens) // 2))
    return found


def bits(step: Step, playings: Sequence[Playing]) -> dict[tuple[str, str], list[Floats]]:
    """Return the bits of each event of the second halves, by system and by what was read.

    The other person is the one half the set away.
    """
    weights = told(step.spec)[NOTHING]
    whole = voice_bits(step, [each.melody for each in playings], weights)
    read = {
        AFRESH: voice_bits(step, [each.second() for each in playings], weights),
        READ: [row[each.half :] for row, each in zip(whole, playings, strict=True)],
    }
    persons = [each.person() for each in playings]
    away = len(playings) // 2
    others = [persons[(i + away) % len(persons)] for i in range(len(persons))]
    sorts: Mapping[str, list[Person]] = {PERSON: persons, OTHER: others}
    found: dict[tuple[str, str], list[Floats]] = {}
    for what, alone in read.items():
        found[VOICE, what] = alone
        for system, some in sorts.items():
            found[system, what] = [
                mixed(row, person, each)
                for row, person, each in zip(alone, some, playings, strict=True)
            ]
    return found


def mixed(alone: Floats, person: Person, playing: Playing) -> Floats:
    """Return the bits of the second half under voice and person; `alone` are the voice's."""
    events = playing.events(playing.half)
    gains = [
        person.gain(events[max(i - ORDER, 0) : i], event, float(row) * -np.log(2))
        for i, (event, row) in enumerate(zip(events, alone, strict=True))
    ]
    return alone - np.array(gains) / np.log(2)


def saved(without: Sequence[Floats], given: Sequence[Floats]) -> tuple[float, float, float]:
    """Return the bits an event that are saved, and the 95 % interval by a bootstrap over tunes."""
    sums = np.array([(a - b).sum() for a, b in zip(without, given, strict=True)])
    sizes = np.array([len(row) for row in without])
    drawn = np.random.default_rng(0).integers(len(sizes), size=(DRAWS, len(sizes)))
    low, high = np.percentile(sums[drawn].sum(1) / sizes[drawn].sum(1), (2.5, 97.5))
    return float(sums.sum() / sizes.sum()), float(low), float(high)
