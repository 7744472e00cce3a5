import pytest
import torch

from export.models.polyphony.frame_model import KEYS
from export.models.polyphony.sigmoid_rnn import CELLS, SigmoidRNN, SigmoidRNNConfig
from tests.export.models.polyphony.loud import loud


@pytest.fixture(params=CELLS)
def model(request):
    torch.manual_seed(2)
    return loud(SigmoidRNN(SigmoidRNNConfig(recurrent=6, cell=request.param)))


def test_the_probabilities_of_all_frames_sum_to_one(model, enumeration, random_roll):
    with torch.no_grad():
        model.visible.bias[enumeration.barred] = -60.0
    first, later = (enumeration.nats(model, random_roll(t, 1)[:, 0]) for t in (0, 5))
    for nats in (first, later):
        assert float(nats.exp().sum()) == pytest.approx(1, abs=1e-5)
    assert (first != later).all()


def test_it_streams(model, assert_streams):
    assert_streams(model)


def test_it_is_what_its_recurrence_says(model, random_roll):
    v = random_roll(4, 1)
    with torch.no_grad():
        model.start.copy_(torch.randn(6))
        nats, _ = model.log_likelihood(v, torch.ones(4, 1, dtype=torch.bool), model.initial(1))
        every, _ = model.frames(v, model.start[None, None])
        before = torch.cat([model.start[None], every[:-1, 0]])
        p = torch.sigmoid(model.visible(before).double())
        expected = torch.where(v[:, 0] > 0, p, 1 - p).log().sum(1)
    assert torch.allclose(nats[:, 0].double(), expected, atol=1e-3)


def test_every_weight_is_trained(model, random_roll):
    v, mask = random_roll(9, 2), torch.ones(9, 2, dtype=torch.bool)
    loss, _ = model.train().loss(v, mask, model.initial(2))
    loss.backward()
    assert [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []


def test_a_fresh_one_is_near_the_marginals():
    model = SigmoidRNN(SigmoidRNNConfig(recurrent=6))
    model.set_marginals(torch.full((KEYS,), 0.25))
    assert torch.allclose(torch.sigmoid(model.visible.bias), torch.tensor(0.25))
