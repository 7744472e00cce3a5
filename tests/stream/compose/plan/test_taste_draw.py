import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.plan.taste_draw import BOUND, drawn, logits, score

SCORES = st.lists(st.floats(-5, 5), min_size=1, max_size=16)
SEEDS = st.lists(st.integers(0, 2**32), min_size=1, max_size=3)


@given(SCORES)
def test_the_odds_are_bounded(scores):
    found = logits(scores)
    assert np.ptp(found) <= 2 * BOUND
    order = np.argsort(scores, kind="stable")
    assert (np.diff(found[order]) >= -1e-9).all()


@given(SCORES, SEEDS, st.floats(-3, 3))
def test_a_draw_depends_on_differences_and_the_seed_alone(scores, seed, more):
    chosen = drawn(scores, seed)
    assert chosen == drawn(scores, seed)
    shifted = [s + more for s in scores]
    assert np.allclose(logits(shifted), logits(scores))


@given(SCORES, SEEDS, st.floats(0, 3))
def test_what_is_drawn_is_still_drawn_with_a_better_score(scores, seed, more):
    chosen = drawn(scores, seed)
    better = [s + more * (k == chosen) for k, s in enumerate(scores)]
    assert drawn(better, seed) == chosen


def test_a_better_score_is_drawn_more_often():
    counts = np.bincount([drawn([0.0, 0.5], (seed,)) for seed in range(2000)])
    assert counts[1] / counts[0] == pytest.approx(np.exp(1.5), rel=0.15)


def test_a_score_adds_slopes_and_curves_of_what_is_known():
    terms = [("leaps", 2.0, 0.0, 0.5), ("tempo", 0.0, -1.0, 3.0), ("range", 9.0, 9.0, 0.0)]
    assert score(terms, {"leaps": 1.0, "tempo": 5.0}) == pytest.approx(1.0 - 4.0)
    assert score([], {"leaps": 1.0}) == 0
