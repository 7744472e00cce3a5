from itertools import product

import pytest
import torch

from export.models.polyphony.boltzmann import Boltzmann
from export.papers.rnn_dbn.ais import CHUNK, Annealing, partition


def machines(scale, count=4):
    """Machines of 7 visible and 5 hidden units: 12 in all."""
    torch.manual_seed(2)
    return Boltzmann(torch.randn(7, 5) * scale, torch.randn(count, 7), torch.randn(count, 5))


def exact(found):
    v = torch.tensor(list(product((0.0, 1.0), repeat=7)))[:, None]
    return torch.logsumexp(-found.free_energy(v), 0)


def estimated(found, **effort):
    return partition(found, Annealing(**effort), torch.Generator().manual_seed(0))


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
def test_it_agrees_with_brute_force_on_twelve_units(scale):
    found = machines(scale)
    estimate = estimated(found, betas=500, chains=400)
    torch.testing.assert_close(estimate.log_z, exact(found), atol=0.02, rtol=0)
    assert (estimate.deviation / 400**0.5 < 0.02).all()


def test_without_weights_the_base_is_the_machine():
    found = machines(0.0)
    found = Boltzmann(found.weight, found.visible, torch.zeros(4, 5))
    estimate = estimated(found, betas=1, chains=2)
    torch.testing.assert_close(estimate.log_z, exact(found))
    assert estimate.deviation.max() < 1e-5


def test_the_deviation_grows_with_fewer_betas():
    found = machines(2.0)
    rough, fine = (estimated(found, betas=b, chains=100).deviation.mean() for b in (3, 300))
    assert rough > 4 * fine


def test_more_machines_than_fit_at_once_are_measured_in_turn():
    count = CHUNK // 512 * 2 + 1
    found = machines(1.0, count)
    estimate = estimated(found, betas=60, chains=512)
    assert estimate.log_z.shape == estimate.deviation.shape == (count,)
    torch.testing.assert_close(estimate.log_z, exact(found), atol=0.1, rtol=0)
