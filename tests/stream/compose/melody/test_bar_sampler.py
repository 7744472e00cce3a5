import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose.melody import bar_sampler
from stream.compose.melody.guide import OutlineGuide
from stream.compose.melody.outline import parsed
from stream.compose.melody.vocabulary import TWELFTHS
from stream.compose.step import Point, Step, StepOutput, StepState
from tests.stream.compose.conftest import OUTLINED
from tests.stream.compose.melody.outlines import outline_of

STEP = Step(OUTLINED)
OUTLINE = parsed(STEP.spec.styles["even"].outlines[0])
BAR = 12 * OUTLINE.bar


def point(k):
    return Point(np.zeros((k, STEP.spec.latent), np.float32), np.zeros((k, 13), np.float32))


def each(penalty):
    """The penalties of tunes, one by one."""
    return lambda tunes: np.array([penalty(*tune) for tune in tunes])


def sampled(k=4, bars=3, seed=3, penalty=lambda events, at: 0.0):
    where = point(k)
    where.style.resize((k, len(STEP.spec.tags)), refcheck=False)
    guide = OutlineGuide(OUTLINE, where, 0, {})
    start = STEP.initial().tiled(k)
    rng = np.random.default_rng(seed)
    return bar_sampler.sample(STEP, start, guide, each(penalty), bars * BAR, rng)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 99))
def test_every_candidate_is_just_long_enough(k, bars, seed):
    made = sampled(k, bars, seed)
    assert len(made) == k
    for i in range(k):
        lengths = [TWELFTHS[d] for d in made.events(i)[:, 2]]
        assert sum(lengths[:-1]) < bars * BAR <= sum(lengths) == made.elapsed[i]
        np.testing.assert_array_equal(made.end_states[i].token[0], made.events(i)[-1])


def test_the_same_generator_gives_the_same_candidates():
    one, same, other = (sampled(seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.tokens, same.tokens)
    assert one.tokens.shape != other.tokens.shape or (one.tokens != other.tokens).any()


def test_penalties_are_asked_for_once_a_bar_and_decide_who_goes_on():
    asked = []

    def penalty(events, at):
        asked.append(at)
        return 60.0 * (len(asked) % 4 != 2)

    made = sampled(4, 2, penalty=penalty)
    assert asked == [0] * 4 + [1] * 4
    # The second one of four went on alone: all have its first bar, then all have its second.
    first = {tuple(map(tuple, made.events(i).tolist())) for i in range(4)}
    assert len(first) == 1


@given(st.lists(st.floats(0, 50), min_size=1, max_size=20), st.integers(0, 99))
def test_candidates_go_on_by_their_weight(penalties, seed):
    penalties = np.array(penalties)
    chosen = bar_sampler.resampled(penalties, np.random.default_rng(seed))
    assert len(chosen) == len(penalties)
    assert (np.diff(chosen) >= 0).all()
    shares = np.exp(-penalties) / np.exp(-penalties).sum()
    counts = np.bincount(chosen, minlength=len(penalties))
    # Systematic draws: each as often as it is expected, or once more or less.
    assert (np.abs(counts - len(penalties) * shares) <= 1 + 1e-9).all()


def test_equal_candidates_all_go_on():
    rng = np.random.default_rng(0)
    assert bar_sampler.resampled(np.full(5, 3.0), rng).tolist() == [0, 1, 2, 3, 4]


class Scripted:
    """A step that plays the given duration classes, each candidate its own, and then its last."""

    def __init__(self, durations):
        self.durations = durations
        self.steps = np.zeros(len(durations), np.int64)

    def __call__(self, state, point, noise, force):
        at = state.states[0][:, 0]
        now = [each[min(i, len(each) - 1)] for each, i in zip(self.durations, at, strict=True)]
        token = np.array([(0, 5, duration) for duration in now], np.int64)
        after = StepState(token, (at[:, None] + 1,))
        return StepOutput(after, None, None)


def test_those_at_the_bar_line_wait_for_the_last():
    short, long = TWELFTHS.index(12), TWELFTHS.index(48)
    form = outline_of("4x24;;;0;0;0;2;.2;")
    k = 3
    guide = OutlineGuide(form, Point(np.zeros((k, 1)), np.zeros((k, 1))), 0, {})
    start = StepState(np.zeros((k, 3), np.int64), (np.zeros((k, 1), np.int64),))
    step = Scripted([[long], [short], [short, long, short]])
    rng = np.random.default_rng(1)
    made = bar_sampler.sample(step, start, guide, each(lambda events, at: 0.0), 96, rng)
    assert made.counts.tolist() == [2, 8, 5]
    assert made.elapsed.tolist() == [96, 96, 96]
    assert [int(state.states[0][0, 0]) for state in made.end_states] == [2, 8, 5]
    assert made.tokens.shape == (8, 3, 3)
