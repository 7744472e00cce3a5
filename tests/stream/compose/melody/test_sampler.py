import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose.melody import sampler
from stream.compose.melody.vocabulary import PERIOD, REST, REST_OCTAVE, TWELFTHS, decode_pitch
from stream.compose.step import Point, Step, StepOutput, StepState
from tests.stream.compose.conftest import TINY

STEP = Step(TINY)
CLOCK = 12 * 288
"""Twelfths after which the clock of this voice comes round, as of those made before outlines."""


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
        np.testing.assert_array_equal(made.end_states[i].token[0], made.events(i)[-1])


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
        state = STEP.initial()
        for event in made.events(i):
            state = STEP(state, point(1), np.zeros((1, 3), np.float32), event[None]).state
        for ours, theirs in zip(state.states, made.end_states[i].states, strict=True):
            np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_priming_ends_on_a_bar_line():
    events = [(0, 3, 5), (2, 3, 8), (12, 7, 4), (4, 3, 5)]
    state = sampler.prime(STEP, events, point(1))
    position = int(state.states[-1][0]) + TWELFTHS[events[-1][2]]
    assert position % CLOCK == 0
    np.testing.assert_array_equal(state.token, [events[-1]])


def test_the_clock_of_an_older_voice_fits_into_the_period():
    assert PERIOD % CLOCK == 0
    assert STEP(
        StepState(np.array([[0, 3, 5]]), (STEP.initial().states[0], np.array([CLOCK - 12]))),
        point(1),
        np.zeros((1, 3), np.float32),
    ).state.states[-1].tolist() == [0]


def test_priming_ends_where_it_is_told_to():
    """The clock is set before the first event; the first of `events` is not played again."""
    events = [(0, 3, 5), (2, 3, 8)]
    for position in (0, 12, PERIOD - 1, -5, PERIOD + 7):
        state = sampler.prime(STEP, events, point(1), position)
        clock = int(state.states[-1][0]) + TWELFTHS[events[-1][2]]
        assert clock % CLOCK == position % CLOCK
    state = sampler.prime(STEP, events[:1], point(1), 3)
    assert int(state.states[-1][0]) == (3 - TWELFTHS[5]) % PERIOD
    assert all((state == 0).all() for state in state.states[:-1])


class Scripted:
    """A step that plays the given duration classes, each candidate its own, and then its last."""

    def __init__(self, durations):
        self.durations = durations
        self.steps = 0
        self.noises = []

    def __call__(self, state, point, noise):
        now = [each[min(self.steps, len(each) - 1)] for each in self.durations]
        self.steps += 1
        self.noises.append(noise)
        token = np.array([(self.steps % 12, 5, duration) for duration in now], np.int64)
        state = StepState(token, (np.full((len(now), 1), self.steps),))
        return StepOutput(state, None, None)


def scripted(durations, target):
    step = Scripted(durations)
    k = len(durations)
    start = StepState(np.zeros((k, 3), np.int64), (np.zeros((k, 1)),))
    return step, sampler.sample(step, start, point(k), target, np.random.default_rng(3))


def test_those_that_are_long_enough_wait_for_the_last():
    """A candidate that has ended keeps its length, its count and its memory."""
    short, long = 5, TWELFTHS.index(48)
    step, made = scripted([[long], [short], [short, long]], 48)
    assert TWELFTHS[short] == 12
    assert (step.steps, made.counts.tolist(), made.elapsed.tolist()) == (4, [1, 4, 2], [48, 48, 60])
    assert [int(state.states[0][0, 0]) for state in made.end_states] == [1, 4, 2]
    assert [made.overshoot(i) for i in range(3)] == [0, 0, 12]
    assert made.target == 48
    assert made.tokens.shape == (4, 3, 3)
    assert made.events(2)[:, 2].tolist() == [short, long]


def test_a_model_gone_astray_ends_somewhere():
    """Neither too soon nor never; what it has played until then is there."""
    long = TWELFTHS.index(48)
    step, made = scripted([[0], [long]], 10**6)
    assert sampler.MAX_EVENTS == 1024
    assert (step.steps, made.counts.tolist()) == (1024, [1024, 1024])
    assert made.elapsed.tolist() == [1024 * TWELFTHS[0], 1024 * 48]
    assert [int(state.states[0][0, 0]) for state in made.end_states] == [1024, 1024]


def test_each_step_has_noise_of_its_own():
    step, _ = scripted([[5], [5]], 24)
    rng = np.random.default_rng(3)
    for noise in step.noises:
        assert (noise.dtype, noise.shape) == (np.float32, (2, 3))
        np.testing.assert_array_equal(noise, rng.random((2, 3), np.float32))
    assert len(step.noises) == 2


def test_rests_are_no_notes():
    events = np.array([(0, 5, 5), (REST, REST_OCTAVE, 8), (7, 4, 3)], np.int64)
    pitch, length = sampler.melody_of(events)
    assert pitch.tolist() == [decode_pitch(0, 5), decode_pitch(7, 4)]
    assert length.tolist() == [TWELFTHS[5], TWELFTHS[3]]
