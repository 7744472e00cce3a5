from itertools import product

import pytest
import torch

from export.models.polyphony.boltzmann import Boltzmann, draw


@pytest.fixture
def machines():
    """Three machines of five visible and four hidden units."""
    torch.manual_seed(3)
    return Boltzmann(torch.randn(5, 4), torch.randn(3, 5), torch.randn(3, 4))


def states(units):
    """Every state of so many units [2^n, n]."""
    return torch.tensor(list(product((0.0, 1.0), repeat=units)))


def test_the_free_energy_sums_out_the_hidden_units(machines):
    v = states(5)[:, None]
    fields = v @ machines.weight + machines.hidden
    joint = [(v * machines.visible).sum(-1) + (h * fields).sum(-1) for h in states(4)]
    summed = -torch.logsumexp(torch.stack(joint), 0)
    torch.testing.assert_close(machines.free_energy(v), summed)


def test_a_long_chain_draws_from_the_machine(machines):
    v = states(5)
    energies = machines.free_energy(v[:, None])[:, 1]
    exact = torch.softmax(-energies, 0) @ v
    torch.manual_seed(0)
    mean, sample = machines[1:2].chain(torch.zeros(4000, 1, 5), 20)
    torch.testing.assert_close(mean.mean((0, 1)), exact, atol=0.02, rtol=0)
    torch.testing.assert_close(sample.mean((0, 1)), exact, atol=0.03, rtol=0)


def test_the_contrast_has_the_gradient_of_the_likelihood(machines):
    """Long chains make CD-k exact but for the noise of the sample."""
    data = states(5)[torch.tensor([3, 17, 30])]
    rows = 4000
    constants = (machines.weight, machines.visible, machines.hidden)
    weight, visible, hidden = leaves = [t.clone().requires_grad_() for t in constants]
    each = Boltzmann(weight, visible, hidden)
    log_z = torch.logsumexp(-each.free_energy(states(5)[:, None]), 0)
    exact = torch.autograd.grad((each.free_energy(data) + log_z).sum(), leaves)
    many = Boltzmann(weight, visible.repeat(rows, 1), hidden.repeat(rows, 1))
    torch.manual_seed(0)
    contrast = many.contrast(data.repeat(rows, 1), 20) / rows
    for found, expected in zip(torch.autograd.grad(contrast, leaves), exact, strict=True):
        torch.testing.assert_close(found, expected, atol=0.06, rtol=0)


def test_drawing_with_probability_0_or_1_is_certain():
    torch.manual_seed(0)
    assert draw(torch.tensor([0.0, 1.0]).repeat(1000, 1)).sum(0).tolist() == [0, 1000]
