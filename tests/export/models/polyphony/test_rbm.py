"""The common properties of the four RBM-based models."""

import dataclasses

import pytest
import torch

from export.models.polyphony.family import FAMILIES, build
from export.models.polyphony.rnn_dbn import RNNDBN

PRINTED = {"recurrence": "printed", "activation": "sigmoid"}
KINDS = [
    ("rbm", {}), ("rtrbm", {}), ("rnn-rbm", {}), ("rnn-rbm", PRINTED),
    ("rnn-rbm", {"stage": "cross-entropy"}), ("rnn-dbn", {}), ("rnn-dbn", {"stage": "fine"}),
    ("rnn-dbn", {"stage": "fine", "static_biases": True}), ("rnn-dbn", PRINTED),
    ("rnn-dbn", {"passed": "means", "tied": False}),
]  # fmt: skip


def made(family, options=None, **sizes):
    torch.manual_seed(1)
    kind = FAMILIES[family].Config
    sizes = {"hidden": 6, "recurrent": 5, "top": 4, "steps": 2} | sizes
    known = {f.name for f in dataclasses.fields(kind)}
    return build(family, kind(**{k: v for k, v in sizes.items() if k in known}, **(options or {})))


def stirred(model, scale=0.3):
    """The model with weights large enough for every path to matter."""
    torch.manual_seed(5)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, scale)
    return model


@pytest.fixture(params=KINDS, ids=lambda kind: "-".join([kind[0], *map(str, kind[1].values())]))
def model(request):
    return made(*request.param)


@pytest.fixture
def chunk():
    """Frames [6, 3, 88] of rows of 6, 4 and no frames, and their mask."""
    torch.manual_seed(2)
    mask = torch.arange(6)[:, None] < torch.tensor([6, 4, 0])
    return (torch.rand(6, 3, 88) < 0.05).float() * mask[..., None], mask


def test_a_chunk_is_its_halves(model, chunk):
    """The states of a piece do not depend on where it was cut."""
    v, mask = chunk
    stirred(model)
    past, after = model.unroll(v, mask, model.initial(3))
    first, between = model.unroll(v[:3], mask[:3], model.initial(3))
    second, end = model.unroll(v[3:], mask[3:], between)
    torch.testing.assert_close(torch.cat([first, second])[mask], past[mask])
    torch.testing.assert_close(end, after)
    torch.testing.assert_close(after[2], model.initial(3)[2])


def test_no_frame_knows_itself_or_what_follows(model, chunk):
    v, mask = chunk
    stirred(model)
    changed = v.clone()
    changed[3:] = 1 - changed[3:]
    before, after = (model.unroll(x, mask, model.initial(3))[0] for x in (v, changed))
    assert torch.equal(before[:4], after[:4])
    if model.width:
        assert not torch.equal(before[4, 0], after[4, 0])


def test_what_is_trained_has_a_gradient_and_the_rest_none(model, chunk):
    stirred(model, 0.1)
    loss, state = model.loss(*chunk, model.initial(3))
    loss.backward()
    touched = {name for name, p in model.named_parameters() if p.grad is not None}
    every = {name for name, _ in model.named_parameters()}
    stage = getattr(model.config, "stage", "whole")
    if stage == "second":
        assert touched == {"top_weight", "top_bias", "to_top"}
    elif stage == "cross-entropy":
        assert touched == {"visible", "to_visible", "heard", "loop", "drift", "start"}
    else:
        unused = {"to_visible"} if getattr(model.config, "static_biases", False) else set()
        assert touched == every - unused
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)
    assert state.shape == (3, model.width)


def test_the_monitor_is_masked_and_repeatable(model, chunk):
    v, mask = chunk
    nats, _ = model.monitor(v, mask, model.initial(3))
    assert (nats[~mask] == 0).all()
    assert (nats[mask] < 0).all()
    assert torch.equal(nats, model.monitor(v, mask, model.initial(3))[0])


def test_sampling_is_a_function_of_state_and_noise(model):
    stirred(model)
    torch.manual_seed(0)
    noise, state = torch.rand(4, model.noise), torch.randn(4, model.width)
    found = model.sample(state, noise)
    assert found.shape == (4, 88)
    assert set(found.unique().tolist()) <= {0.0, 1.0}
    assert torch.equal(found, model.sample(state, noise))
    assert not torch.equal(found, model.sample(state, 1 - noise))
    # The step the sampler is streamed by: what is heard, then the next state.
    assert model.advance(model.hear(found), state).shape == (4, model.width)


def test_samples_have_the_frequencies_of_the_machine():
    model = stirred(made("rnn-rbm"))
    torch.manual_seed(0)
    state = torch.randn(1, 5).repeat(3000, 1)
    mean, _ = model.machine(state).chain(torch.zeros(3000, 88), 50)
    found = model.sample(state, torch.rand(3000, model.noise))
    torch.testing.assert_close(found.mean(0), mean.mean(0), atol=0.05, rtol=0)


def test_a_new_model_has_the_marginals_of_the_keys(chunk):
    model = made("rbm")
    share = torch.full((88,), 0.1)
    share[:40] = 0
    model.set_marginals(share)
    torch.testing.assert_close(torch.sigmoid(model.visible), share.clamp(min=1e-4))


def test_a_deeper_model_begins_as_the_simpler_one(chunk):
    """RBM, then RNN-RBM, then RNN-DBN: each at first says what the one before it said."""
    v, mask = chunk
    rbm = stirred(made("rbm"))
    rnn = made("rnn-rbm", {"spread": 0.5})
    rnn.load_state_dict(rnn.completed(rbm.state_dict()))
    torch.testing.assert_close(*(m.monitor(v, mask, m.initial(3))[0] for m in (rbm, rnn)),
                               atol=0.05, rtol=0)  # fmt: skip
    stirred(rnn)
    deep = made("rnn-dbn", top=90)
    with torch.no_grad():
        for p in (deep.top_weight, deep.to_top):
            p.zero_()
    deep.load_state_dict(deep.completed(rnn.state_dict()))
    assert isinstance(deep, RNNDBN)
    past = rnn.unroll(v, mask, rnn.initial(3))[0][mask]
    h = (torch.rand(len(past), 6) < 0.5).float()
    bottom, top = deep.bottom(past), deep.top(past)
    # The prior of h1 is that of the first layer, v summed out; the two further units add ln 2.
    upside_down = -(h * bottom.hidden).sum(-1) - torch.nn.functional.softplus(
        h @ bottom.weight.T + bottom.visible
    ).sum(-1)
    torch.testing.assert_close(top.free_energy(h), upside_down - 2 * torch.log(torch.tensor(2.0)))


def test_the_weights_of_another_kind_are_refused():
    rtrbm = made("rtrbm")
    weights = rtrbm.completed(made("rnn-rbm").state_dict())
    with pytest.raises(RuntimeError, match="heard"):
        rtrbm.load_state_dict(weights)
