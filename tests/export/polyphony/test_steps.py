"""Steps of models of piano rolls: what a frame at a time gives is what was trained."""

import numpy as np
import pytest
import torch

from export.models.polyphony.note_list import NoteList, NoteListConfig
from export.models.polyphony.rbm import RBM
from export.models.polyphony.rnn_dbn import RNNDBN
from export.polyphony.roll_steps import as_slots, step_of
from export.polyphony.step import PERIOD, sounding
from stream.compose.polyphony.roll_frames import END, SLOTS, listed, roll
from stream.errors import CorpusError

KEYS = torch.arange(88)


def wild(model, scale):
    torch.manual_seed(5)
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(0, scale)
    return model.eval()


def rolls(frames, rows):
    """Figures that come back, silences, and frames of their own; twelve notes at most."""
    rng = np.random.default_rng(2)
    figure = rng.random((5, rows, 88)) < 0.05
    made = figure[np.arange(frames) % 5]
    made[::7] = rng.random(made[::7].shape) < 0.04
    made[3] = False
    return made


def run(step, made, style=None):
    """Log-probability [T, B] of forced rolls [T, B, 88]."""
    inputs = list(step.shape.first(made.shape[1]))
    if style is not None:
        inputs[step.shape.inputs.index("style")] = style
    kept = SLOTS + len(step.shape.states) + 1
    found = []
    for frame in made:
        tokens = torch.from_numpy(listed(frame))
        inputs[-SLOTS:] = list(tokens.T)
        out = step(*inputs)
        assert torch.equal(torch.stack(out[:SLOTS], -1), tokens)
        found.append(out[-2])
        inputs[:kept] = out[:kept]
    return torch.stack(found)


def test_keys_become_slots_and_back():
    made = rolls(30, 1)[:, 0]
    made[5, 20:40] = True  # twenty notes: the highest twelve remain
    v = torch.from_numpy(made).float()
    slots = as_slots(v, KEYS)
    assert slots.tolist() == listed(made).tolist()
    assert (sounding(slots, KEYS).numpy() > 0).tolist() == roll(slots.numpy()).tolist()
    assert sounding(torch.full((1, SLOTS), END + 1), KEYS).sum() == 0


@pytest.mark.parametrize(
    "sizes",
    [
        {"features": 0, "reach": 0, "clock": False},
        {"features": 6, "reach": 0},
        {"features": 6, "reach": 16, "sets": ("a", "b")},
    ],
)
def test_a_note_list_step_is_what_was_trained(sizes):
    model = wild(NoteList(NoteListConfig(hidden=10, head=9, **sizes)), 0.3)
    made = rolls(40, 3)
    v, tags = torch.from_numpy(made).float(), torch.zeros(3, len(model.config.sets))
    tags[:, 1:] = 1
    with torch.no_grad():
        expected, _ = model.log_likelihood(
            v, torch.ones(40, 3, dtype=torch.bool), model.begin(tags)
        )
        found = run(step_of(model).eval(), made, tags)
    np.testing.assert_allclose(found, expected, atol=1e-4, rtol=1e-5)


def test_a_start_token_forgets_everything():
    model = wild(NoteList(NoteListConfig(hidden=10, head=9, features=6, reach=16)), 0.3)
    step, made = step_of(model).eval(), rolls(20, 2)
    with torch.no_grad():
        inputs = list(step.shape.first(2))
        kept = len(step.shape.states)
        fresh = step(*inputs)
        inputs[SLOTS : SLOTS + kept] = [torch.ones_like(s) for s in inputs[SLOTS : SLOTS + kept]]
        inputs[SLOTS + kept] = torch.full((2,), PERIOD - 1)
        again = step(*inputs)
    for one, other in zip(fresh, again, strict=True):
        assert torch.equal(one, other)
    assert again[SLOTS + kept].tolist() == [1, 1]
    assert made.any()


def test_the_dbn_samples_as_its_own_code_does():
    model = wild(RNNDBN(RNNDBN.Config(hidden=12, top=9, recurrent=7)), 0.5)
    step = step_of(model).eval()
    inputs = list(step.shape.first(6))
    state, at = model.initial(6), step.shape.inputs.index("noise")
    with torch.no_grad():
        for _ in range(12):
            inputs[at] = torch.rand_like(inputs[at])
            v = model.sample(state, inputs[at])
            out = step(*inputs)
            tokens = torch.stack(out[:SLOTS], -1)
            assert tokens.tolist() == listed(v.numpy() > 0).tolist()
            heard = sounding(tokens, KEYS)
            state = model.advance(model.hear(heard), state)
            inputs[: SLOTS + 2] = out[: SLOTS + 2]


def test_the_dbn_tells_how_likely_its_keys_were():
    model = wild(RNNDBN(RNNDBN.Config(hidden=12, top=9, recurrent=7)), 0.5)
    step = step_of(model).eval()
    inputs = list(step.shape.first(1))
    silence = [torch.tensor([END])] * SLOTS
    with torch.no_grad():
        state = model.initial(1)
        inputs[-SLOTS:] = silence
        out = step(*inputs)
        # With no weights to the keys they are independent of what was drawn below.
        model.weight.zero_()
        inputs[-SLOTS:] = silence
        out = step_of(model).eval()(*inputs)
        logits = model.bottom(state).visible
    expected = torch.nn.functional.logsigmoid(-logits).sum()
    assert float(out[-2]) == pytest.approx(float(expected), abs=1e-4)
    bits = torch.distributions.Bernoulli(logits=logits).entropy().sum()
    assert float(out[-1]) == pytest.approx(float(bits), abs=1e-4)


def test_families_without_a_step_are_refused():
    with pytest.raises(CorpusError, match="a model RBM is no voice; voices are made of NoteList"):
        step_of(RBM(RBM.Config(hidden=4)))
