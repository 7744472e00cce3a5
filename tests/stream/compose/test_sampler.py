import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose import sampler
from stream.compose.step import Point, Step
from stream.compose.vocabulary import PERIOD, TWELFTHS

from .conftest import TINY

STEP = Step(TINY)


def point(k):
    return Point(np.zeros((k, 4), np.float32), np.zeros((k, len(STEP.spec.tags)), np.float32))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 9), st.integers(1, 500), st.integers(0, 99))
def test_every_candidate_is_just_long_enough(k, target, seed):
    start = STEP.initial().tiled(k)
    made = sampler.sample(STEP, start, point(k), target, np.random.default_rng(seed))
    assert len(made) == k
    for i in range(k):
        lengths = [TWELFTHS[d] for d in made.events(i)[:, 2]]
        assert sum(lengths[:-1]) < target <= sum(lengths) == made.elapsed[i]
        assert made.overshoot(i) == sum(lengths) - target
        # The memory is that of the candidate's own last event, though others went on.
        np.testing.assert_array_equal(made.memories[i].token[0], made.events(i)[-1])


def test_the_same_generator_gives_the_same_candidates():
    start = STEP.initial().tiled(4)
    runs = [
        sampler.sample(STEP, start, point(4), 96, np.random.default_rng([5, i])) for i in (1, 1, 2)
    ]
    np.testing.assert_array_equal(runs[0].tokens, runs[1].tokens)
    assert runs[0].tokens.shape != runs[2].tokens.shape or (runs[0].tokens != runs[2].tokens).any()


def test_a_chosen_candidate_goes_on_from_its_own_state():
    """Replaying a candidate's events, forced, leads to the memory that it ended with."""
    k = 3
    made = sampler.sample(STEP, STEP.initial().tiled(k), point(k), 120, np.random.default_rng(3))
    for i in range(k):
        memory = STEP.initial()
        for event in made.events(i):
            memory = STEP(memory, point(1), np.zeros((1, 3), np.float32), event[None]).memory
        for ours, theirs in zip(memory.states, made.memories[i].states, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_priming_ends_on_a_bar_line():
    events = [(0, 3, 5), (2, 3, 8), (12, 7, 4), (4, 3, 5)]
    memory = sampler.prime(STEP, events, point(1))
    position = int(memory.states[-1][0]) + TWELFTHS[events[-1][2]]
    assert position % PERIOD == 0
    np.testing.assert_array_equal(memory.token, [events[-1]])
