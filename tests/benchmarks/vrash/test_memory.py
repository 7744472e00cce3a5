import numpy as np
import pytest

from benchmarks.vrash import memory as mi


@pytest.fixture
def tunes():
    rng = np.random.default_rng(0)
    return [
        np.stack([rng.integers(0, 12, 70), np.full(70, 3), np.full(70, 5)], 1).astype(np.uint8)
        for _ in range(60)
    ]


def test_the_largest_distance_needs_enough_tunes(tunes):
    assert mi.reach(tunes) == 70 - 17  # 60 tunes of 17 pairs make a thousand
    assert mi.reach(tunes, 20) == 20
    assert mi.reach([*tunes[:39], *(t[:30] for t in tunes[39:])]) == 29
    assert mi.reach(tunes[:30]) == 0


@pytest.mark.parametrize("farthest", [3, 16, 40, 128])
def test_distances_grow_to_the_farthest(farthest):
    found = mi.distances(farthest)
    assert found == sorted(set(found))
    assert found[: min(farthest, 16)] == list(range(1, min(farthest, 16) + 1))
    assert found[-1] == farthest


def test_notes_without_order_have_no_memory(tunes):
    found = mi.measured(tunes, "pitch class", 40, mi.Effort(shuffles=5, resamples=20))
    records = {r.measure: r for r in mi.records("LM", "folk", "pitch class", found, 60)}
    assert records.keys() >= {mi.AREA, mi.AREA_BEYOND, mi.FLOOR}
    for measure in (mi.AREA, mi.AREA_BEYOND):
        assert abs(records[measure].value) < 4 * records[measure].sd
        assert records[measure].set == "folk, pitch class"
    (whole, beyond) = mi.by_seed("LM", "folk", [tunes, tunes], 40, mi.Effort(5, 0))
    assert (whole.sd, whole.n, whole.set) == (0.0, 2, "folk, by seed")
    assert whole.value == pytest.approx(records[mi.AREA].value)
    assert beyond.measure == mi.AREA_BEYOND
