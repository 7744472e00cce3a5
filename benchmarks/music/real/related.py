"""Tunes that are variants of each other although their corpus does not say so.

A chorale melody, for example, occurs in several settings. If one of them were in the training set
and another among the held-out tunes, real tunes would surprise less than new ones can.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from export.corpus.dataset import split_of
from export.melody.copies import notes
from stream.compose.filter import note_runs
from stream.compose.tunes.tune import Melody

RUN = 8
"""Pairs of interval and duration in the runs that are compared."""
SHARE = 0.3
"""Least share of the runs of the shorter tune that make two tunes variants."""
COMMONEST = 40
"""Most tunes that hold a run; a commoner run says nothing of kinship."""


def with_families(melodies: Sequence[Melody]) -> list[Melody]:
    """Return the tunes with one group for all variants; each tune stays in its split."""
    family = list(range(len(melodies)))

    def root(i: int) -> int:
        while family[i] != i:
            family[i] = family[family[i]]
            i = family[i]
        return i

    for one, other in _variants(melodies):
        family[root(one)] = root(other)
    first = dict[int, int]()
    for i, melody in enumerate(melodies):
        family[root(i)] = root(first.setdefault(melody.group, i))
    return [
        dataclasses.replace(m, group=melodies[root(i)].group, split=split_of(m))
        for i, m in enumerate(melodies)
    ]


def strangers(train: Sequence[Melody], held: Sequence[Melody]) -> list[Melody]:
    """Return the training tunes of which no variant is held out."""
    known = {melody.group for melody in held}
    return [melody for melody in train if melody.group not in known]


def _variants(melodies: Sequence[Melody]) -> list[tuple[int, int]]:
    """Return the pairs of tunes that share enough runs."""
    holders = defaultdict[int, list[int]](list)
    sizes = []
    for i, melody in enumerate(melodies):
        runs = np.unique(note_runs.keys(*notes(melody), RUN)).tolist()
        sizes.append(len(runs))
        for run in runs:
            holders[run].append(i)
    common = Counter[tuple[int, int]]()
    for tunes in holders.values():
        if len(tunes) <= COMMONEST:
            common.update(combinations(tunes, 2))
    return [(a, b) for (a, b), count in common.items() if count >= SHARE * min(sizes[a], sizes[b])]
