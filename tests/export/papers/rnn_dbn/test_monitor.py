import math

import pytest
import torch

from export.models.polyphony.boltzmann import Boltzmann
from export.papers.rnn_dbn.monitor import RANDOM, monitor, monitor_deep


def machines(bias):
    return Boltzmann(torch.zeros(88, 3), torch.full((2, 88), bias), torch.zeros(2, 3))


def test_a_machine_with_zero_weights_is_uniform():
    v = torch.zeros(2, 88)
    v[0, 40:44] = 1
    assert pytest.approx(-60.997, abs=1e-3) == RANDOM
    torch.testing.assert_close(monitor(machines(0.0), v), torch.full((2,), RANDOM))


def test_independent_keys_are_their_own_likelihood():
    v = torch.zeros(2, 88)
    v[1, 3] = 1
    silent = 88 * math.log(torch.sigmoid(torch.tensor(4.0)))
    expected = torch.tensor([silent, silent - 4])
    torch.testing.assert_close(monitor(machines(-4.0), v), expected)


def test_the_deep_monitor_takes_gibbs_steps_in_the_top_layer():
    top = Boltzmann(torch.zeros(3, 2), torch.full((2, 3), 30.0), torch.zeros(2, 2))
    bottom = Boltzmann(torch.full((88, 3), -1.0), torch.zeros(2, 88), torch.zeros(2, 3))
    silent = 88 * math.log(torch.sigmoid(torch.tensor(3.0)))
    found = monitor_deep((bottom, top), torch.zeros(2, 88))
    torch.testing.assert_close(found, torch.full((2,), silent))
