import itertools
import math

import numpy as np
import pytest

from stream.compose import forcing
from stream.compose.step import Point, Step
from tests.stream.compose.conftest import TINY

STEP = Step(TINY)
EVENTS = np.array([(0, 3, 5), (4, 2, 6)], np.int64)


def point(k):
    return Point(np.zeros((k, 4), np.float32), np.zeros((k, len(STEP.spec.tags)), np.float32))


def test_no_forced_tokens_leave_the_state_as_it_is():
    state = STEP.initial()
    assert forcing.state_after(STEP, state, EVENTS[:0], itertools.repeat(point(1))) is state


def test_forced_tokens_are_played_one_by_one():
    state = forcing.state_after(STEP, STEP.initial(), EVENTS, itertools.repeat(point(1)))
    np.testing.assert_array_equal(state.token, EVENTS[-1:])
    by_hand = STEP.initial()
    for event in EVENTS:
        by_hand = STEP(by_hand, point(1), np.zeros((1, 3), np.float32), event[None]).state
    for ours, theirs in zip(state.states, by_hand.states, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_bits_are_the_mean_over_the_tokens():
    outputs = list(
        forcing.outputs(STEP, STEP.initial().tiled(2), EVENTS, itertools.repeat(point(2)))
    )
    nats = -sum(output.log_prob.astype(float) for output in outputs)
    assert forcing.bits(STEP, EVENTS, point(2)) == pytest.approx(nats / 2 / math.log(2))
