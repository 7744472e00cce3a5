"""Excerpts of four bars of drums: held-out drummers, the companion, and controls."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.ensemble.drum_baselines import Counts
from benchmarks.ensemble.drum_excerpts import PHRASE, Four
from benchmarks.ensemble.drum_features import BARS, STEPS, Cells, cells, features
from benchmarks.ensemble.two_sample import Sample
from export.companions.drum_excerpts import Excerpt, phrase_notes, regular
from export.companions.drums import Energies, energy
from export.companions.groove import Performance
from stream.compose.companions.drums_grid import decoded


def real(performances: Sequence[Performance], table: Energies, most: int) -> list[Four]:
    """Return at most so many excerpts of each performance in 4/4, in their order."""
    found = []
    for group, whole in enumerate(performances):
        excerpts = regular(whole, 1) if whole.bar == 192 and not whole.fill else []
        picked = np.unique(np.linspace(0, len(excerpts) - 1, most).round().astype(int))
        for excerpt in (excerpts[i] for i in picked if excerpts):
            notes = phrase_notes(excerpt)[0]
            level = energy(notes, excerpt, PHRASE, table)
            found.append(Four(notes, group, whole.style, whole.bpm, level))
    return found


def by_frequencies(counts: Mapping[str, Counts], like: Sequence[Four], seed: int) -> list[Four]:
    """Return four bars for each excerpt, drawn by place in the bar from the counts of its style."""
    rng = np.random.default_rng(seed)
    return [
        dataclasses.replace(
            four,
            notes=decoded(counts[four.style].sampled(BARS * STEPS, rng), 0, PHRASE, rng),
        )
        for four in like
    ]


def sample(fours: Sequence[Four], change: Callable[[list[Cells]], list[Cells]] = list) -> Sample:
    """Return the features of excerpts whose cells were changed by a control."""
    tables = change([cells(four.notes) for four in fours])
    rows = [list(features(each).values()) for each in tables]
    return Sample(np.array(rows), np.array([four.group for four in fours]))


def bars_shuffled(tables: list[Cells]) -> list[Cells]:
    """Return excerpts whose bars come from any excerpts."""
    rng = np.random.default_rng(0)
    bars = np.stack(tables).reshape(len(tables), 2, -1, BARS, STEPS)
    mixed = bars.transpose(0, 3, 1, 2, 4).reshape(-1, *bars.shape[1:3], STEPS)
    mixed = mixed[rng.permutation(len(mixed))].reshape(len(tables), BARS, *mixed.shape[1:])
    return list(mixed.transpose(0, 2, 3, 1, 4).reshape(np.stack(tables).shape))


def values_shuffled(row: int) -> Callable[[list[Cells]], list[Cells]]:
    """Return the control that permutes velocities (row 0) or offsets (1) within an excerpt."""

    def change(tables: list[Cells]) -> list[Cells]:
        rng, changed = np.random.default_rng(0), []
        for table in tables:
            other = table.copy()
            struck = ~np.isnan(table[row])
            other[row][struck] = rng.permutation(table[row][struck])
            changed.append(other)
        return changed

    return change


def four_four(performances: Sequence[Performance]) -> list[Performance]:
    """Return the performances in 4/4 that are not fills."""
    return [each for each in performances if each.bar == 192 and not each.fill]


def excerpts_of(performances: Sequence[Performance], phrases: int, most: int) -> list[Excerpt]:
    """Return at most so many excerpts of each performance, from its begin on."""
    return [e for whole in four_four(performances) for e in regular(whole, phrases)[:most]]
