from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.filter import thresholds
from export.filter.thresholds import FEW, OPEN, Labeled, quality
from stream.compose.filter.entropy import FEATURES


def labeled(good, bad):
    """Examples of which the named features are as given, the others without value."""
    values = np.full((len(good) + len(bad), len(FEATURES)), np.nan)
    for row, example in enumerate([*good, *bad]):
        for name, value in example.items():
            values[row, FEATURES.index(name)] = value
    return Labeled(values, np.arange(len(values)) < len(good))


def random_set(seed, n=120):
    rng = np.random.default_rng(seed)
    good = [{"pitch": 2 + rng.random(), "length": 1 + rng.random()} for _ in range(n)]
    bad = [{"pitch": 3.2 * rng.random(), "length": 3 * rng.random()} for _ in range(n)]
    return labeled(good, bad)


def test_precision_is_of_as_many_good_as_bad():
    passed = np.array([True, True, False, False, True, False, False, False, False, False])
    found = quality(passed, np.arange(10) < 4)
    assert (found.recall, found.escaped) == (0.5, 1 / 6)
    assert found.precision == pytest.approx(0.75)
    nothing = quality(np.zeros(4, bool), np.arange(4) < 2)
    assert (nothing.recall, nothing.precision) == (0.0, 1.0)


def test_a_feature_without_value_passes():
    found = labeled([{"pitch": 2.0}, {}], [{"pitch": 0.1}, {"pitch": 5.0}])
    assert found.passing({"pitch": (1.0, 3.0)}).tolist() == [True, True, False, False]
    assert found.passing({}).all()


def test_the_first_step_removes_most_for_least():
    """Length tells all bad ones apart, pitch only half of them."""
    good = [{"pitch": 2 + i / 100, "length": 2 + i / 100} for i in range(100)]
    bad = [{"pitch": 2.5 - i % 2, "length": 0.5} for i in range(60)]
    steps = thresholds.steps(labeled(good, bad))
    assert list(steps[0]) == ["length"]
    low, high = steps[0]["length"]
    assert (0.5 < low <= 2.05, high) == (True, OPEN[1])
    assert len(steps) == 1


@given(st.integers(0, 50))
def test_every_step_is_stricter(seed):
    fit = random_set(seed)
    passing = [fit.passing(bounds) for bounds in thresholds.steps(fit)]
    assert passing
    for before, after in pairwise(passing):
        assert (after <= before).all()
        assert after.sum() < before.sum()
        assert (after & fit.good).any()


def test_few_features():
    rng = np.random.default_rng(0)
    values = rng.random((400, len(FEATURES)))
    values[:200] += 0.1
    steps = thresholds.steps(Labeled(values, np.arange(400) < 200))
    assert max(map(len, steps)) == FEW


@given(st.integers(0, 50))
def test_strict_thresholds_are_precise_or_the_strictest_that_recall_allows(seed):
    fit, valid = random_set(seed), random_set(seed + 1000)
    bounds = thresholds.strict(fit, valid)
    found = [quality(part.passing(bounds), part.good) for part in (fit, valid)]
    assert min(q.recall for q in found) >= thresholds.RECALL
    steps = thresholds.steps(fit)
    assert bounds in steps
    if found[1].precision < thresholds.PRECISION:
        following = steps[steps.index(bounds) + 1 :][:1]
        for later in following:
            recalls = [quality(p.passing(later), p.good).recall for p in (fit, valid)]
            assert min(recalls) < thresholds.RECALL


def test_without_bad_melodies_there_are_no_bounds():
    fit = labeled([{"pitch": 2.0}] * 9, [])
    assert thresholds.strict(fit, fit) == {}


def test_styles_are_aligned_for_blends():
    found = thresholds.aligned(
        {"folk": {"pitch_min_8": (1.0, 2.0), "pitch": (1.0, 3.0)}, "jazz": {"pitch": (2.0, 4.0)}}
    )
    assert found == {
        "folk": {"pitch": (1.0, 3.0), "pitch_min_8": (1.0, 2.0)},
        "jazz": {"pitch": (2.0, 4.0), "pitch_min_8": OPEN},
    }
    assert list(found["folk"]) == list(found["jazz"]) == ["pitch", "pitch_min_8"]
