import numpy as np
import pytest
import torch

from export.chorale.batches import score_of, untagged
from export.chorale.likelihood import measured
from export.chorale.step import ChoraleStep
from export.frames.step import PERIOD, small


def played(step, frames, tags):
    """Log-probability of each frame [T] by forcing it, and the states along the way."""
    inputs = list(step.shape.first(1))
    kept = len(step.shape.heads) + len(step.shape.states) + 1
    given, log_prob, states = [], [], []
    for frame, tag in zip(frames, tags, strict=True):
        inputs[step.shape.inputs.index("style")] = torch.from_numpy(tag)[None]
        inputs[-4:] = list(torch.from_numpy(frame)[:, None])
        out = step(*inputs)
        given.append([int(t) for t in out[:4]])
        log_prob.append(float(out[-2]))
        states.append(out[4:-2])
        inputs[:kept] = out[:kept]
    return given, np.array(log_prob), states


def test_probabilities_of_the_last_part_add_up_to_that_of_the_others(chorale_model, chorales):
    step, frame = ChoraleStep(chorale_model).eval(), chorales[0][:1]
    inputs = list(step.shape.first(64))
    inputs[-4:] = [torch.full((64,), int(c)) for c in frame[0]]
    last = chorale_model.config.parts[-1]
    inputs[-4 + last] = torch.arange(64)
    with torch.no_grad():
        every = step(*inputs)[-2]
    parts = measured(chorale_model, [untagged(score_of(frame))]).parts
    others = [nats for part, nats in enumerate(parts) if part != last]
    assert float(torch.logsumexp(every, 0)) == pytest.approx(-sum(others), abs=1e-5)


def test_the_step_is_what_was_trained(chorale_model, chorales):
    step = ChoraleStep(chorale_model).eval()
    for i, frames in enumerate(chorales):
        score = score_of(frames)
        with torch.no_grad():
            given, log_prob, states = played(step, frames, score.tags)
        assert given == frames.tolist()
        expected = measured(chorale_model, [score])
        assert -log_prob.mean() == pytest.approx(expected.frame, abs=1e-4)
        assert int(states[-1][-1]) == len(frames), i


def test_a_start_token_forgets_everything(chorale_model, chorales):
    step = ChoraleStep(chorale_model).eval()
    score = score_of(chorales[0])
    with torch.no_grad():
        _, fresh, states = played(step, chorales[0], score.tags)
        inputs = list(step.shape.first(1))
        inputs[4:7] = states[-1]
        inputs[6] = torch.tensor([PERIOD - 1])
        inputs[step.shape.inputs.index("style")] = torch.from_numpy(score.tags[:1])
        inputs[-4:] = list(torch.from_numpy(chorales[0][0])[:, None])
        out = step(*inputs)
    assert float(out[-2]) == pytest.approx(fresh[0], abs=1e-6)
    assert out[6].tolist() == [1]


def test_int8_tables_stay_near(chorale_model, chorales):
    step = ChoraleStep(chorale_model).eval()
    tags = score_of(chorales[2]).tags
    with torch.no_grad():
        exact, lean = (played(s, chorales[2], tags)[1] for s in (step, small(step)))
    assert 0 < np.abs(exact - lean).max() < 0.3
