"""The step, which is exported, against the sequence form, which is trained."""

import math

import hypothesis.strategies as st
import numpy as np
import pytest
import torch
from hypothesis import given

from export.models.step import (
    FEW,
    INPUTS,
    OUTPUTS,
    Step,
    draw,
    example_inputs,
    inputs_of,
    state_width,
)
from stream.compose.melody.outline_context import AHEAD, WIDTH
from stream.compose.melody.vocabulary import PERIOD, SIZES, TWELFTHS
from tests.export.models.previous import previous_of

ALMOST_ONE = 1 - 2**-24
FREE = torch.tensor([-1])
T, B = 40, 3
ONE = torch.tensor(1.0)


def one(logits, noise, temperature=1.0, top_p=1.0, force=FREE):
    """The draw of a single row, as plain numbers."""
    token, log_prob, entropy = draw(
        torch.tensor([logits], dtype=torch.float32), torch.tensor([noise], dtype=torch.float32),
        torch.tensor(temperature), torch.tensor(top_p), force,
    )  # fmt: skip
    return int(token), float(log_prob), float(entropy)


def nucleus(logits, temperature, top_p):
    """Probabilities after temperature and nucleus, written plainly: the likeliest come first."""
    weights = np.exp((np.array(logits, float) - max(logits)) / temperature)
    p = weights / weights.sum()
    kept = np.zeros(len(p))
    for value in sorted(set(p), reverse=True):
        kept[p == value] = value
        if kept.sum() >= top_p:
            break
    return kept / kept.sum()


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.7])
@pytest.mark.parametrize("top_p", [0.3, 0.8, 1.0])
@pytest.mark.parametrize("classes", [11, FEW + 1])
def test_noise_is_turned_into_the_distribution(temperature, top_p, classes):
    torch.manual_seed(1)
    logits = torch.randn(classes) * 1.5
    n = 20_000
    # One number in each of n equal parts of [0, 1): counts can only err at the borders.
    noise = (torch.arange(n) + 0.5) / n
    token, _, _ = draw(
        logits.expand(n, -1), noise, torch.tensor(temperature), torch.tensor(top_p),
        FREE.expand(n),
    )  # fmt: skip
    counts = np.bincount(token.numpy(), minlength=classes)
    expected = nucleus(logits.tolist(), temperature, top_p) * n
    assert np.abs(counts - expected).max() <= 2
    assert (counts[expected == 0] == 0).all()


def test_random_noise_passes_a_chi_square_test():
    torch.manual_seed(2)
    logits, n = torch.randn(13), 20_000
    token, _, _ = draw(logits.expand(n, -1), torch.rand(n), ONE, ONE, FREE.expand(n))
    counts = np.bincount(token.numpy(), minlength=13)
    expected = nucleus(logits.tolist(), 1.0, 1.0) * n
    # The 99.9th percentile of chi-square with 12 degrees of freedom.
    assert ((counts - expected) ** 2 / expected).sum() < 32.9


LOGITS = st.lists(st.floats(-20, 20, width=32), min_size=2, max_size=13)


@given(
    LOGITS, st.floats(0, ALMOST_ONE, width=32), st.floats(0.125, 3, width=32),
    st.floats(0.0625, 1, width=32),
)  # fmt: skip
def test_a_draw_lies_in_the_nucleus(logits, noise, temperature, top_p):
    token, log_prob, entropy = one(logits, noise, temperature, top_p)
    p = torch.softmax(torch.tensor(logits) / temperature, -1)
    above = float(p[p > p[token]].sum())
    assert 0 <= token < len(logits)
    assert float(p[token]) > 0
    # Sums that differ in their order differ in their last bit.
    assert above < top_p + 1e-6
    assert log_prob <= 0
    assert 0 <= entropy <= math.log(len(logits)) + 1e-5


@given(LOGITS, st.sampled_from([0.0, ALMOST_ONE]))
def test_the_ends_of_the_noise_draw_the_ends_of_the_nucleus(logits, noise):
    p = torch.softmax(torch.tensor(logits), -1)
    token, _, _ = one(logits, noise)
    beyond = p[:token] if noise == 0 else p[token + 1 :]
    # Only what is lost in rounding lies beyond.
    assert float(beyond.sum()) <= 2**-20


def test_a_narrow_nucleus_is_the_likeliest_class():
    assert {one([0.1, 3.0, 2.0], u, top_p=0.05)[0] for u in (0.0, 0.4, ALMOST_ONE)} == {1}


@pytest.mark.parametrize("forced", [0, 1, 2, 3])
def test_force_prescribes_the_class_and_leaves_its_likelihood(forced):
    logits = [0.5, -1.0, 2.0, 0.0]
    p = np.exp(logits) / np.exp(logits).sum()
    token, log_prob, entropy = one(logits, 0.3, 0.5, 0.1, torch.tensor([forced]))
    assert token == forced
    assert log_prob == pytest.approx(math.log(p[forced]), abs=1e-5)
    assert entropy == pytest.approx(-(p * np.log(p)).sum(), abs=1e-5)


def test_likelihood_and_entropy_know_nothing_of_temperature_and_nucleus():
    logits = [1.0, 0.0, -1.0]
    plain = one(logits, 0.1)
    assert one(logits, 0.1, 0.3, 0.2) == pytest.approx(plain, abs=1e-6)
    assert one([0.0] * 8, 0.0)[2] == pytest.approx(math.log(8), abs=1e-6)


@pytest.fixture
def segment():
    """Events, those before them, positions and outlines of B tunes, from their head."""
    torch.manual_seed(3)
    tokens = torch.stack([torch.randint(n, (T, B)) for n in SIZES], -1)
    # Strains come back, so that a motif memory has something to remember.
    tokens[T // 2 :, :2] = tokens[: T // 2, :2]
    # The last tune repeats its first bar.
    tokens[:, 2, 2] = TWELFTHS.index(24)
    tokens[:, 2] = tokens[:4, 2].repeat(T // 4, 1)
    context = torch.rand(T, B, WIDTH)
    context[..., 0] = torch.randint(5, (T, B))
    context[..., AHEAD] = torch.randint(200, (T, B))
    previous = previous_of(tokens, context)
    assert int(previous[-1, 0, 6]) >= T // 2 - 1
    # Events of earlier bars are remembered, some of them where the outline points.
    assert (previous[..., 7:].unflatten(-1, (6, 6))[..., :5, 5] == 4).any((0, 1)).all()
    lengths = torch.tensor([*TWELFTHS, 0])[previous[..., 2]]
    return tokens, previous, lengths.cumsum(0) % PERIOD, context


@torch.no_grad()
def stepped(model, tokens, latent, tags, context):
    """Positions, log-probabilities and states of a segment forced upon the step."""
    step, inputs = Step(model), list(example_inputs(model, B))
    inputs[5], inputs[6] = latent, tags
    said = []
    for event, outline in zip(tokens, context, strict=True):
        inputs[10:] = [*event.unbind(-1), *([outline] if model.config.context else [])]
        out = step(*inputs)
        inputs[:5] = out[:5]
        said.append((torch.stack(out[:3], -1), out[4], out[5], out[3]))
    return [torch.stack(column) for column in zip(*said, strict=True)]


@torch.no_grad()
def test_the_step_is_the_model_that_was_trained(make_model, family, cell, history, segment):
    model = make_model(family, cell=cell, history=history)
    tokens, previous, position, outlines = segment
    context = outlines[..., : model.config.context]
    torch.manual_seed(4)
    latent, tags = torch.randn(B, model.latent), torch.rand(B, model.config.tags)
    # Bars of eight units.
    tags[:, 2:10] = torch.eye(8)[4]
    mask = torch.ones(T, B, dtype=torch.bool)
    start = model.decoder.initial(B)
    outputs, last = model.decode((previous, position, mask, context), tags, latent, start)
    log_prob = -model.heads.nats(outputs, tokens).sum(-1)
    events, clock, said, state = stepped(model, tokens, latent, tags, context)
    assert torch.equal(events, tokens)
    assert torch.equal(clock, position)
    torch.testing.assert_close(said, log_prob, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(state[-1, :, : model.decoder.width], last, atol=1e-5, rtol=0)
    assert state.shape[2] == state_width(model)


@torch.no_grad()
def test_a_new_tune_starts_at_position_0_and_keeps_the_state(make_model):
    model = make_model("lm")
    inputs = list(example_inputs(model, 2))
    inputs[3], inputs[4] = torch.randn(2, 16), torch.tensor([777, 30])
    out = dict(zip(OUTPUTS, Step(model)(*inputs), strict=True))
    assert out["next_state_1"].tolist() == [0, 0]
    assert not torch.equal(out["next_state_0"][0], out["next_state_0"][1])


@torch.no_grad()
def test_the_position_comes_round(make_model):
    inputs = list(example_inputs(make_model("lm"), 2))
    inputs[2], inputs[4] = torch.tensor([5, 0]), torch.tensor([PERIOD - 12, PERIOD - 1])
    out = Step(make_model("lm"))(*inputs)
    assert out[4].tolist() == [0, 2]


@torch.no_grad()
def test_candidates_are_independent(make_model, family, cell, history):
    model = make_model(family, cell=cell, history=history)
    torch.manual_seed(5)
    inputs = list(example_inputs(model, 4))
    width = model.decoder.width
    inputs[3][:, :width], inputs[5] = torch.randn(4, width), torch.randn(4, model.latent)
    together = Step(model)(*inputs)
    for k in range(4):
        alone = [v if v.ndim == 0 else v[k : k + 1] for v in inputs]
        for a, b in zip(Step(model)(*alone), together, strict=True):
            torch.testing.assert_close(a, b[k : k + 1], atol=1e-6, rtol=1e-6)


def test_the_example_has_every_input(make_model, family):
    model = make_model(family)
    shapes = dict(zip(INPUTS, (tuple(v.shape) for v in example_inputs(model, 3)), strict=True))
    assert shapes == {
        "token_0": (3,), "token_1": (3,), "token_2": (3,), "state_0": (3, 16), "state_1": (3,),
        "latent": (3, model.latent), "style": (3, 12), "temperature": (), "top_p": (),
        "noise": (3, 3), "force_0": (3,), "force_1": (3,), "force_2": (3,),
    }  # fmt: skip


def test_a_model_that_knows_outlines_takes_a_context_as_well(make_model):
    plain, model = make_model("vrash"), make_model("vrash", history="bars")
    assert inputs_of(plain) == INPUTS
    assert inputs_of(model) == (*INPUTS, "context")
    example = dict(zip(inputs_of(model), example_inputs(model, 3), strict=True))
    assert tuple(example["context"].shape) == (3, WIDTH)
    # The state has three rows of a memory beside the decoder's.
    assert tuple(example["state_0"].shape) == (3, 16 + 3 * 384)
