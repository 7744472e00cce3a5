import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody.outline import EQUAL, NEW, SIMILAR, Return
from stream.compose.melody.returns import REACH, bars, likeness, onsets, returns
from stream.compose.melody.vocabulary import TWELFTHS
from tests.stream.compose.melody.outlines import bar_of

A, B = bar_of(0, 2, 4, 5), bar_of(7, 5, 4, 2)
NEAR_A = bar_of(0, 2, 4, 7)
C, D = bar_of(9, 11, 9, 7), bar_of(12, 9, 7, 4)
BAR = 48
"""Twelfths of a bar of four units."""


def found(*tune):
    return returns(bars(np.array([token for bar in tune for token in bar]), BAR), BAR)


def equal(lag):
    return Return(lag, EQUAL)


def test_onsets_begin_at_0_and_end_with_the_last_event():
    tokens = np.array([(0, 3, 5), (2, 3, 8), (4, 3, 0)])
    assert onsets(tokens).tolist() == [0, 12, 36, 39]
    assert onsets(np.zeros((0, 3), np.int64)).tolist() == [0]


def test_bars_hold_events_by_place_and_pitch():
    long = TWELFTHS.index(48)
    tokens = np.array([(0, 3, 5), (2, 4, 5), (7, 3, long), (12, 7, 5)])
    assert bars(tokens, BAR) == [
        {(0, 48): 12, (12, 66): 12, (24, 55): 48}, {(24, 124): 12},
    ]  # fmt: skip
    assert bars(np.array(A + A[:1]), BAR)[1] == {(0, 48): 12}
    assert bars(np.zeros((0, 3), np.int64), BAR) == []


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (A, A, 1.0),
        (A, NEAR_A, 0.75),
        (A, B, 0.25),
        (A, bar_of(12, 14, 16, 17), 0.0),
        ([], [], 0.0),
        (A, [], 0.0),
    ],
)
def test_likeness_is_the_share_of_time_that_is_equal(one, other, alike):
    first, second = (bars(np.array(b), BAR)[0] if b else {} for b in (one, other))
    assert likeness(first, second, BAR) == likeness(second, first, BAR) == alike


def test_bars_with_one_more_event_are_not_the_same():
    # All of the shorter one is in the longer one, which fills the bar.
    one, other = {(0, 60): BAR}, {(0, 60): BAR, (24, 62): 24}
    assert likeness(one, other, BAR) == 0.99


@pytest.mark.parametrize(
    ("tune", "related"),
    [
        ((A,), [Return()]),
        ((A, A, B), [Return(), equal(1), Return()]),
        ((A, B, A, C), [Return(), Return(), equal(2), Return()]),
        ((A, B, NEAR_A), [Return(), Return(), Return(2, SIMILAR)]),
        # An equal bar is preferred to a similar one that is nearer.
        ((A, NEAR_A, A), [Return(), Return(1, SIMILAR), equal(2)]),
        # The distance of the bar before is preferred, ...
        ((A, B, A, B, A, B), [Return(), Return(), *[equal(2)] * 4]),
        # ... but to begin with eight bars, then four, two, one.
        ((A, B, C, D, A, B, C, D), [Return()] * 4 + [equal(4)] * 4),
        ((A, A, A, A, A), [Return(), *[equal(1)] * 4]),
        ((A, B, A, B, C, B, A, B, A), [
            Return(), Return(), equal(2), equal(2), Return(), equal(4), equal(4), equal(4), equal(8),
        ]),
    ],
)  # fmt: skip
def test_each_bar_returns_to_the_most_similar_one(tune, related):
    assert found(*tune) == related


def test_a_bar_too_far_back_does_not_return():
    fill = [bar_of(*(1 + (i + j) % 60 for j in (0, 5, 9, 14))) for i in range(REACH)]
    assert found(A, *fill[: REACH - 1], A)[-1] == equal(REACH)
    assert found(A, *fill, A)[-1].likeness != EQUAL


@given(st.lists(st.sampled_from([A, NEAR_A, B, C]), min_size=1, max_size=40))
def test_a_return_is_to_a_bar_that_is_so_alike(tune):
    for at, each in enumerate(found(*tune)):
        assert (each.lag == 0) == (each.likeness == NEW)
        assert 0 <= each.lag <= min(at, REACH)
        if each.likeness == EQUAL:
            assert tune[at] == tune[at - each.lag]
        else:
            assert tune[at] not in tune[max(at - REACH, 0) : at]
