import math
from itertools import product

import pytest
import torch
from torch.nn.functional import softplus

from export.models.polyphony.boltzmann import Boltzmann
from export.papers.rnn_dbn.bound import bounds


def states(units):
    return torch.tensor(list(product((0.0, 1.0), repeat=units)))


@pytest.fixture
def layers():
    """A belief network of 6 keys, 5 and 4 hidden units, in two frames."""
    torch.manual_seed(4)
    bottom = Boltzmann(torch.randn(6, 5) / 2, torch.randn(2, 6), torch.randn(2, 5))
    return bottom, Boltzmann(torch.randn(5, 4), bottom.hidden, torch.randn(2, 4))


def log_z(top):
    return torch.logsumexp(-top.free_energy(states(5)[:, None]), 0)


def exact(layers, v):
    """Log-likelihood [N] of v [N, 6], by all states of h1."""
    bottom, top = layers
    h = states(5)[:, None]
    logits = h @ bottom.weight.T + bottom.visible
    explained = (v * logits - softplus(logits)).sum(-1)
    return torch.logsumexp(explained - top.free_energy(h), 0) - log_z(top)


def measured(layers, v, samples, rows=1):
    generator = torch.Generator().manual_seed(0)
    many = tuple(
        Boltzmann(m.weight, m.visible.repeat(rows, 1), m.hidden.repeat(rows, 1)) for m in layers
    )
    return bounds(many, v.repeat(rows, 1), log_z(layers[1]).repeat(rows), samples, generator)


def test_the_enumerated_likelihood_is_a_distribution(layers):
    total = torch.stack([exact(layers, v.expand(2, -1)) for v in states(6)]).exp().sum(0)
    torch.testing.assert_close(total, torch.ones(2))


@pytest.mark.parametrize("frame", [0, 21, 63])
def test_the_bounds_lie_below_and_tighten(layers, frame):
    v = states(6)[frame].expand(2, -1)
    truth = exact(layers, v)
    # Means over many repetitions: a single estimate may by luck lie above.
    gaps = [
        truth - measured(layers, v, k, 400).tightened.view(400, 2).mean(0) for k in (1, 10, 100)
    ]
    assert (gaps[0] > gaps[1]).all()
    assert (gaps[1] > gaps[2]).all()
    assert (gaps[2] > -0.02).all()
    variational = measured(layers, v, 10, 400).variational.view(400, 2).mean(0)
    torch.testing.assert_close(truth - variational, gaps[0], atol=0.15, rtol=0.1)


def test_with_many_samples_the_bound_is_the_likelihood(layers):
    v = states(6)[[5, 40]]
    # The mean of the weights of 400 repetitions of 200 samples is that of 80,000.
    found = measured(layers, v, 200, 400)
    pooled = torch.logsumexp(found.tightened.view(400, 2), 0) - math.log(400)
    torch.testing.assert_close(pooled, exact(layers, v), atol=0.02, rtol=0)


def test_a_top_that_is_the_bottom_upside_down_leaves_no_gap(layers):
    """It is the prior that the first layer implies: one sample gives that RBM's likelihood."""
    v = states(6)[[5, 40]]
    bottom = layers[0]
    tied = bottom, Boltzmann(bottom.weight.T, bottom.hidden, bottom.visible)
    log_z_of_rbm = torch.logsumexp(-bottom.free_energy(states(6)[:, None]), 0)
    found = measured(tied, v, 1)
    torch.testing.assert_close(found.tightened, -bottom.free_energy(v) - log_z_of_rbm)
    torch.testing.assert_close(measured(tied, v, 50).effective, torch.full((2,), 50.0))
    assert (measured(layers, v, 50).effective < 25).all()
