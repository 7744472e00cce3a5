"""Models of keys a frame at a time are what was trained; their graphs are what they are."""

import numpy as np
import pytest
import torch

from export.frames import parity, styles
from export.frames.step import sounding
from export.frames.to_voice import spec_of
from export.models.polyphony import rbm, rnn_dbn
from export.models.polyphony.nade import NADE
from export.models.polyphony.note_ngram import NoteNgram
from export.models.polyphony.rbm import RBM
from export.models.polyphony.rnn_dbn import RNNDBN
from export.models.polyphony.rnn_nade import RNNNADE
from export.models.polyphony.rnn_rbm import RNNRBM
from export.models.polyphony.rtrbm import RTRBM
from export.models.polyphony.sigmoid_rnn import SigmoidRNN
from export.rolls import key_steps
from export.rolls.key_steps import as_slots
from export.rolls.roll_steps import step_of
from stream.compose.polyphony.roll_frames import END, PIANOROLL, SLOTS, listed, roll
from stream.compose.step import Step
from stream.errors import CorpusError
from stream.voices.spec import append_spec
from tests.export.rolls.stepping import rolls, run, wild

KEYS = torch.arange(88)
EXACT = {
    "note-ngram": NoteNgram(NoteNgram.Config(order=3)),
    "rnn": SigmoidRNN(SigmoidRNN.Config(recurrent=7)),
    "nade": NADE(NADE.Config(hidden=6)),
    "rnn-nade": RNNNADE(RNNNADE.Config(recurrent=7, hidden=6)),
    "rnn-nade, independent": RNNNADE(RNNNADE.Config(recurrent=7, hidden=6, output="independent")),
}
SAMPLED = {
    "rbm": RBM(RBM.Config(hidden=12)),
    "rtrbm": RTRBM(RTRBM.Config(hidden=12)),
    "rnn-rbm": RNNRBM(RNNRBM.Config(hidden=12, recurrent=7)),
    "rnn-rbm, printed": RNNRBM(RNNRBM.Config(hidden=12, recurrent=7, recurrence="printed")),
    "rnn-dbn": RNNDBN(RNNDBN.Config(hidden=12, top=9, recurrent=7)),
}


def test_keys_become_slots_and_back():
    made = rolls(30, 1)[:, 0]
    made[5, 20:40] = True  # twenty notes: the highest twelve remain
    v = torch.from_numpy(made).float()
    slots = as_slots(v, KEYS)
    assert slots.tolist() == listed(made).tolist()
    assert (sounding(slots, KEYS).numpy() > 0).tolist() == roll(slots.numpy()).tolist()
    assert sounding(torch.full((1, SLOTS), END + 1), KEYS).sum() == 0


@pytest.mark.parametrize("name", EXACT)
def test_the_likelihood_of_forced_frames_is_the_models(name):
    model, made = wild(EXACT[name], 0.5), rolls(40, 3)
    v = torch.from_numpy(made).float()
    with torch.no_grad():
        begin = model.begin(torch.zeros(3, 1))
        expected, _ = model.log_likelihood(v, torch.ones(40, 3, dtype=torch.bool), begin)
        found = run(step_of(model).eval(), made)
    np.testing.assert_allclose(found, expected, atol=2e-4, rtol=1e-5)


@pytest.mark.parametrize("name", EXACT)
def test_frames_come_as_often_as_they_are_likely(name):
    model, many = sparse(wild(EXACT[name], 0.5)), 4000
    step = step_of(model).eval()
    inputs = list(step.shape.first(many))
    torch.manual_seed(1)
    inputs[step.shape.inputs.index("noise")] = torch.rand(many, step.shape.noise)
    with torch.no_grad():
        out = step(*inputs)
    heads = torch.stack(out[:SLOTS], -1)
    assert (heads[:, -1] == END).all()
    # On the average what comes is as unlikely as it was uncertain.
    assert -float(out[-2].mean()) == pytest.approx(float(out[-1].mean()), rel=0.03)
    v = sounding(heads, KEYS)
    nats, _ = model.log_likelihood(
        v[None], torch.ones(1, many, dtype=torch.bool), model.begin(torch.zeros(many, 1))
    )
    np.testing.assert_allclose(out[-2], nats[0].detach(), atol=2e-4, rtol=1e-5)


def sparse(model):
    """With few keys that sound: no frame has more of them than there are slots."""
    places = {"visible": lambda m: getattr(m.visible, "bias", m.visible), "odds": lambda m: m.odds}
    with torch.no_grad():
        for name, place in places.items():
            if hasattr(model, name):
                place(model).sub_(5.0)
    return model


@pytest.mark.parametrize("name", SAMPLED)
def test_what_is_sampled_is_what_the_models_own_code_samples(name):
    model = wild(SAMPLED[name], 0.4)
    step = step_of(model).eval()
    inputs = list(step.shape.first(6))
    state, at = model.initial(6), step.shape.inputs.index("noise")
    kept = SLOTS + len(step.shape.states) + 1
    with torch.no_grad():
        for _ in range(12):
            inputs[at] = torch.rand_like(inputs[at])
            v = model.sample(state, inputs[at])
            out = step(*inputs)
            tokens = torch.stack(out[:SLOTS], -1)
            assert tokens.tolist() == listed(v.numpy() > 0).tolist()
            state = model.advance(model.hear(sounding(tokens, KEYS)), state)
            inputs[:kept] = out[:kept]


@pytest.mark.parametrize("name", ["note-ngram", "rnn-nade", "rbm"])
def test_its_graph_is_the_step_and_the_runtime_takes_it(name, tmp_path, monkeypatch):
    # One of each way to draw the keys: tracing takes seconds.
    for module in (rbm, rnn_dbn, key_steps):
        monkeypatch.setattr(module, "SWEEPS", 2)
    step = step_of(wild((EXACT | SAMPLED)[name], 0.4))
    shape = step.shape
    graph = parity.to_onnx.traced(step, shape.first(4), shape.inputs, shape.outputs)
    report = parity.played(step, graph, 20)
    assert report.same_tokens == report.tokens == 20 * 4 * SLOTS
    assert report.traced
    style = styles.style(
        styles.four_quarters(PIANOROLL), [listed(rolls(64, 1)[:, 0])], [], {"major": 1.0}, b""
    )
    (tmp_path / "mine.onnx").write_bytes(append_spec(graph, spec_of("mine", step, {"x": style})))
    taken = Step(tmp_path / "mine.onnx")
    assert taken.initial().tiled(2) is not None


def test_temperature_is_of_the_keys():
    step = step_of(wild(RBM(RBM.Config(hidden=12)), 0.4)).eval()
    inputs = list(step.shape.first(200))
    at = step.shape.inputs.index("temperature")
    found = []
    for temperature in (0.01, 1.0, 100.0):
        inputs[at] = torch.tensor(temperature)
        with torch.no_grad():
            found.append(step(*inputs))
    cold, usual, _ = ((o[-2].mean(), sounding(torch.stack(o[:SLOTS], -1), KEYS)) for o in found)
    assert cold[0] > usual[0]
    assert not torch.equal(cold[1], usual[1])


def test_a_cell_without_gates_has_no_step():
    with pytest.raises(CorpusError, match="--cell tanh: only a gru's step can be exported"):
        step_of(SigmoidRNN(SigmoidRNN.Config(recurrent=7, cell="tanh")))


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
