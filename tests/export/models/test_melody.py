"""LM, VAE and VRASH: they differ in what the decoder sees."""

import itertools
import math

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from export.models.melody_config import CYCLES, MelodyConfig
from stream.compose.melody.vocabulary import PERIOD, SIZES, START, TWELFTHS
from stream.errors import SettingsError

T, B = 12, 3
NO_CONTEXT = torch.zeros(T, B, 0)
EVENTS = torch.tensor(list(itertools.product(*map(range, SIZES))))


@pytest.fixture
def batch(make_model):
    """Tokens, previous, position, mask, tags and context, the last row the shortest."""
    torch.manual_seed(1)
    tokens = torch.stack([torch.randint(n, (T, B)) for n in SIZES], -1)
    previous = torch.cat([torch.tensor(START).expand(1, B, 3), tokens[:-1]])
    lengths = torch.tensor([*TWELFTHS, 0])[previous[..., 2]]
    mask = torch.ones(T, B, dtype=torch.bool)
    mask[8:, 2] = False
    tags = torch.zeros(B, make_model("lm").config.tags)
    tags[:, [0, 6, 10]] = 1
    return tokens, previous, lengths.cumsum(0) % PERIOD, mask, tags, NO_CONTEXT


def losses(model, batch, noise=None):
    noise = torch.zeros(B, model.latent) if noise is None else noise
    return model(batch, model.decoder.initial(B), noise)


def test_shapes(make_model, family, batch):
    model = make_model(family)
    seen = losses(model, batch)
    width = {"lm": 0, "vae": 4, "vrash": 4}[family]
    assert model.latent == width
    assert seen.nats.shape == (T, B, 3)
    assert seen.kl.shape == (B, width)
    assert seen.state.shape == (B, 16)
    assert (seen.nats[8:, 2] == 0).all()
    assert (seen.nats[batch[3]] > 0).all()


def test_the_likelihood_of_all_events_is_one(make_model, family):
    model = make_model(family)
    torch.manual_seed(2)
    state = torch.randn(1, 16) * 3
    nats = model.heads.nats(state.expand(len(EVENTS), -1), EVENTS).sum(-1)
    assert len(EVENTS) == 13 * 8 * 11
    assert float(torch.exp(-nats.detach().double()).sum()) == pytest.approx(1, abs=1e-5)


def decoded(model, batch, *, previous=None, position=None, latent=None, tags=None):
    _, own_previous, own_position, mask, own_tags, context = batch
    inputs = (
        own_previous if previous is None else previous,
        own_position if position is None else position,
        mask,
        context,
    )
    latent = torch.zeros(B, model.latent) if latent is None else latent
    tags = own_tags if tags is None else tags
    return model.decode(inputs, tags, latent, model.decoder.initial(B))[0]


@pytest.mark.parametrize(
    ("family", "sees"),
    [
        ("lm", {"history", "clock", "tags"}),
        ("vae", {"latent", "tags"}),
        ("vrash", {"history", "clock", "latent", "tags"}),
    ],
)
def test_the_decoder_input_of_each_model(make_model, batch, family, sees):
    model = make_model(family)
    plain = decoded(model, batch)
    changes = {
        "history": {"previous": batch[1].flip(0)},
        "clock": {"position": batch[2] + 5},
        "latent": {"latent": torch.ones(B, model.latent)},
        "tags": {"tags": 1 - batch[4]},
    }
    changed = {
        name for name, change in changes.items()
        if not torch.equal(decoded(model, batch, **change), plain)
    }  # fmt: skip
    assert changed == sees


def test_the_divergence_is_that_of_two_normal_distributions(make_model, batch):
    model = make_model("vrash", loudness=4.0)
    mean, log_variance = model.posterior(batch[0], batch[3], batch[4])
    posterior = Normal(mean, torch.exp(0.5 * log_variance))
    expected = kl_divergence(posterior, Normal(0.0, 1.0))
    assert float(expected.detach().max()) > 0.1
    torch.testing.assert_close(losses(model, batch).kl, expected, atol=1e-5, rtol=1e-5)


def test_an_empty_row_costs_nothing(make_model, family, batch):
    model = make_model(family)
    batch[3][:, 1] = False
    seen = losses(model, batch)
    assert (seen.kl[1] == 0).all()
    assert (seen.nats[:, 1] == 0).all()
    assert (seen.state[1] == 0).all()


def test_the_posterior_sees_the_segment_and_not_its_padding(make_model, batch):
    model = make_model("vae")
    tokens, _, _, mask, tags, _ = batch
    whole = model.posterior(tokens, mask, tags)[0]
    padding, music = tokens.clone(), tokens.clone()
    padding[8:, 2], music[:8, 2] = 0, 0
    torch.testing.assert_close(model.posterior(padding, mask, tags)[0], whole)
    assert not torch.allclose(model.posterior(music, mask, tags)[0][2], whole[2])


def test_noise_moves_the_latent_point_by_the_standard_deviation(make_model, batch):
    model = make_model("vae")
    mean, log_variance = model.posterior(batch[0], batch[3], batch[4])
    noise = torch.tensor([[1.0, -2.0, 0.5, 0.0]]).expand(B, -1)
    states = decoded(model, batch, latent=mean + noise * torch.exp(0.5 * log_variance))
    expected = model.heads.nats(states, batch[0]) * batch[3][..., None]
    torch.testing.assert_close(losses(model, batch, noise).nats, expected)


def test_start_is_an_event_like_others(make_model):
    model = make_model("lm")
    start = model.embedded(torch.tensor(START))
    expected = torch.cat([table.weight[-1] for table in model.embed])
    torch.testing.assert_close(start, expected)


@pytest.mark.parametrize("family", ["lm", "vrash"])
def test_a_tune_that_is_cut_goes_on_from_its_state(make_model, batch, family):
    model = make_model(family)
    _, previous, position, mask, tags, context = batch
    torch.manual_seed(6)
    state = torch.randn(B, 16)
    later = torch.cat([previous[:4], previous[:4]])
    clock = torch.cat([position[:4], position[:4]])
    latent = torch.zeros(B, model.latent)
    states, middle = model.decode(
        (previous[:4], position[:4], mask[:4], context[:4]), tags, latent, state
    )
    twice, _ = model.decode((later, clock, mask[:8], context[:8]), tags, latent, state)
    again, _ = model.decode(
        (previous[:4], position[:4], mask[:4], context[:4]), tags, latent, middle
    )
    torch.testing.assert_close(twice, torch.cat([states, again]))


def test_word_dropout_hides_the_history_alone(make_model, batch):
    model = make_model("lm")
    _, previous, position, mask, tags, context = batch
    args = (tags, torch.zeros(B, 0), model.decoder.initial(B))
    hidden = model.decode((previous, position, mask, context), *args, word_dropout=1.0)[0]
    other = model.decode((previous.flip(0), position, mask, context), *args, word_dropout=1.0)[0]
    late = model.decode((previous, position + 5, mask, context), *args, word_dropout=1.0)[0]
    torch.testing.assert_close(hidden, other)
    assert not torch.allclose(hidden, late)


def test_the_clock_shows_every_cycle_and_comes_round(make_model):
    model = make_model("lm")
    position = torch.arange(0, 12 * 40, 7)
    shown = model.clock(position).detach().numpy()
    angles = 2 * math.pi * position.numpy()[:, None] / (12 * np.array(CYCLES))
    np.testing.assert_allclose(shown, np.hstack([np.sin(angles), np.cos(angles)]), atol=1e-4)
    again = model.clock(position + PERIOD)
    np.testing.assert_allclose(again.numpy(), shown, atol=1e-3)


@pytest.mark.parametrize("size", ["hidden", "depth", "latent", "encoder_hidden", "tag_width"])
def test_a_size_of_zero_is_refused(size):
    flag = size.replace("_", "-")
    with pytest.raises(SettingsError, match=f"^--{flag} 0: must be 1 or more$"):
        MelodyConfig(("even",), **{size: 0})
