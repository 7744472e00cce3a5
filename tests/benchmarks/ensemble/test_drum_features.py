"""Features of drums, their controls, and the two-sample test."""

import numpy as np

from benchmarks.ensemble import drum_systems, two_sample
from benchmarks.ensemble.drum_baselines import by_place, learned, n_gram
from benchmarks.ensemble.drum_features import cells, features
from stream.compose.companions.drums_grid import HEADS
from stream.music.note import Note


def beat(bars=4):
    return [Note(48 * i, 6, 36, 100 - i, 9, i % 3) for i in range(4 * bars)]


def test_cells_keep_the_loudest_hit_and_its_offset():
    found = cells([Note(0, 6, 36, 50, 9, 4), Note(0, 6, 36, 90, 9, -30), Note(47, 6, 42, 60, 9)])
    assert found.shape == (2, 9, 64)
    assert (found[0, 0, 0], found[1, 0, 0]) == (90, -30)
    assert (found[0, 2, 4], found[1, 2, 4]) == (60, -10)
    assert np.count_nonzero(~np.isnan(found[0])) == 2


def test_features_tell_density_and_likeness():
    found = features(cells(beat()))
    assert (found["hits kick"], found["hits kick at 0"], found["likeness"]) == (16, 4, 1)


def test_controls_keep_what_they_do_not_shuffle():
    tables = [cells(beat()), cells([Note(24 * i, 6, 42, 40 + i, 9) for i in range(32)])]
    mixed = drum_systems.bars_shuffled(tables)
    assert np.nansum(np.stack(mixed)[:, 0]) == np.nansum(np.stack(tables)[:, 0])
    for row in (0, 1):
        changed = drum_systems.values_shuffled(row)(tables)
        for before, after in zip(tables, changed, strict=True):
            assert np.array_equal(before[1 - row], after[1 - row], equal_nan=True)
            assert sorted(before[row][~np.isnan(before[row])]) == sorted(
                after[row][~np.isnan(after[row])]
            )


def test_trees_tell_what_differs_and_not_what_does_not():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(20), 6)
    one, other = (two_sample.Sample(rng.normal(size=(120, 3)), groups) for _ in range(2))
    moved = two_sample.Sample(other.features + np.array([2, 0, 0]), groups)
    assert abs(two_sample.auc(one, other, 0) - 0.5) < 0.15
    assert two_sample.auc(one, moved, 0) > 0.85


def test_an_n_gram_needs_fewer_bits_than_frequencies_of_what_repeats():
    rng = np.random.default_rng(0)
    bars = [np.stack([rng.integers(0, n, 16) for n in HEADS], 1) for _ in range(3)]
    pieces = [np.tile(bar, (4, 1)) for bar in bars]
    needed = [np.mean(list(learned(pieces, kind).bits(pieces[0]))) for kind in (by_place, n_gram)]
    assert needed[1] < needed[0]
