import pytest
import torch

from export.melody.evaluate import read
from export.papers.vrash.iwae import bounds


@pytest.fixture(params=["vae", "vrash"])
def model(request, make_model):
    return make_model(request.param, styles=("even",))


def test_more_samples_tighten_the_bound_and_leave_the_elbo(model, melodies):
    few = melodies[:6]
    found = [bounds(model, few, k, 20) for k in (1, 8, 64)]
    assert found[0].iwae == pytest.approx(found[0].elbo, rel=1e-6)
    assert found[0].iwae > found[1].iwae > found[2].iwae
    assert all(b.iwae <= b.elbo + 1e-6 for b in found)
    assert [b.notes for b in found] == [sum(len(m.tokens) for m in few)] * 3
    assert found[2].elbo == pytest.approx(found[1].elbo, rel=0.05)


def test_an_uninformative_latent_point_costs_nothing(make_model, melodies):
    model = make_model("vrash", styles=("even",))
    with torch.no_grad():
        model.encoder.out.weight.zero_()
        model.encoder.out.bias.zero_()
        model.decoder.inputs.weight[:, : model.latent] = 0
    found = bounds(model, melodies[:6], 5, 20)
    exact = read(model, melodies[:6], 20).reconstruction
    assert (found.elbo, found.iwae) == pytest.approx((exact, exact), rel=1e-5)


def test_a_posterior_that_is_the_prior_leaves_an_average_over_the_prior(make_model, melodies):
    """The weights are then p(x | z) alone, so the bound is the plain Monte Carlo estimate."""
    model = make_model("vae", styles=("even",))
    with torch.no_grad():
        model.encoder.out.weight.zero_()
        model.encoder.out.bias.zero_()
    (melody,) = melodies[:1]
    z = torch.randn(600, model.latent, generator=torch.Generator().manual_seed(5))
    tokens = torch.from_numpy(melody.tokens[:8].astype("int64"))[:, None].expand(-1, 600, -1)
    tags = torch.zeros(600, model.config.tags)
    tags[:, 0] = 1
    tags[:, 1 + 4] = 1  # a bar of eight units
    tags[:, -2] = 1  # major
    mask = torch.ones(8, 600, dtype=torch.bool)
    with torch.no_grad():
        inputs = (tokens, torch.zeros(8, 600, dtype=torch.int64), mask, torch.zeros(8, 600, 0))
        states, _ = model.decode(inputs, tags, z, model.decoder.initial(600))
        nats = model.heads.nats(states, tokens).sum((0, 2))
    exact = -(torch.logsumexp(-nats, 0) - torch.log(torch.tensor(600.0))) / 8 / 0.6931472
    short = type(melody)(melody.tokens[:8], *(getattr(melody, n) for n in melody.__slots__[1:]))
    assert (short.bar, short.mode) == (8, "major")
    assert bounds(model, [short], 600, 8).iwae == pytest.approx(float(exact), rel=0.02)


def test_for_a_language_model_the_bounds_are_exact(make_model, melodies):
    model = make_model("lm", styles=("even",))
    found = bounds(model, melodies[:6], 100)
    exact = read(model, melodies[:6]).reconstruction
    assert (found.elbo, found.iwae) == pytest.approx((exact, exact), rel=1e-5)
