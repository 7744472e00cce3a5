import numpy as np
import pytest

from stream.compose.polyphony.kinds import frame_kind
from stream.compose.polyphony.sampler import SamplingSchedule, Start, forced, sample
from stream.compose.step import Point, Step
from tests.stream.compose.conftest import CHORALE, PIANO


@pytest.fixture(scope="module", params=[CHORALE, PIANO], ids=["chorale", "piano"])
def step(request):
    return Step(request.param)


def along(step, k, closing=None):
    spec = step.spec
    latent, style = np.zeros((k, spec.latent), np.float32), np.zeros((k, len(spec.tags)))
    return SamplingSchedule(Point(latent, style.astype(np.float32)), closing)


def sampled(step, way, count, seed):
    kind, k = frame_kind(step.spec), len(way.point.style)
    start = Start.of(step.initial(), np.zeros(len(kind.heads), np.int64), k)
    free = np.full((count, len(kind.heads)), -1)
    return sample(step, kind, start, way, free, np.random.default_rng(seed))


def test_the_same_generator_gives_the_same_frames(step):
    found = [sampled(step, along(step, 3), 20, 5) for _ in range(2)]
    np.testing.assert_array_equal(found[0].frames, found[1].frames)
    assert found[0].frames.shape == (20, 3, len(step.spec.heads))
    assert len(found[0]) == 3
    assert len({candidate.tobytes() for candidate in found[0].frames.swapaxes(0, 1)}) == 3


def test_frames_that_return_are_those_of_every_candidate(step):
    way, kind = along(step, 3), frame_kind(step.spec)
    start = Start.of(step.initial(), np.zeros(len(kind.heads), np.int64), 3)
    force = np.full((8, len(kind.heads)), -1)
    force[2:5] = 1
    made = sample(step, kind, start, way, force, np.random.default_rng(5)).frames
    assert (made[2:5] == 1).all()
    assert (made[:2] == sampled(step, way, 8, 5).frames[:2]).all()
    assert len(np.unique(made[5:], axis=1)[0]) > 1


def test_what_was_composed_can_be_forced(step):
    """The state after a candidate is that of a voice that was made to play it."""
    candidates = sampled(step, along(step, 3), 20, 6)
    for k in range(3):
        state = forced(step, step.initial(), candidates.runs[k], along(step, 1))
        np.testing.assert_array_equal(state.token, candidates.end_states[k].token)
        for one, other in zip(state.states, candidates.end_states[k].states, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)


def test_the_end_comes_nearer():
    step = Step(CHORALE)
    way = along(step, 2, step.spec.tags.index("closing"))
    assert way.at(64) is way.point
    rises = [way.at(remaining).style[:, 2].tolist() for remaining in (63, 32, 1)]
    assert rises == [[1 / 64] * 2, [0.5] * 2, [63 / 64] * 2]
    assert not way.point.style.any()


def test_before_its_end_a_chorale_comes_to_rest():
    """The tiny voice holds its chord the more, the nearer the end."""
    step = Step(CHORALE)
    changes = []
    for closing in (None, 2):
        candidates = sampled(step, along(step, 16, closing), 64, 7)
        moves = (np.diff(candidates.frames, axis=0) != 0).any(2)
        changes.append(int(moves[-16:].sum()))
    assert changes[1] < changes[0] / 4
