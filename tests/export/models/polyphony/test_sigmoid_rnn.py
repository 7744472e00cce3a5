import pytest
import torch

from export.models.polyphony.frame_model import KEYS
from export.models.polyphony.sigmoid_rnn import CELLS, SigmoidRNN, SigmoidRNNConfig
from tests.export.models.polyphony.loud import loud


@pytest.fixture(params=CELLS)
def model(request):
    torch.manual_seed(2)
    return loud(SigmoidRNN(SigmoidRNNConfig(recurrent=6, cell=request.param)))


def test_the_probabilities_of_all_frames_sum_to_one(model, assert_sums_to_one):
    assert_sums_to_one(model)


def test_chunks_equal_the_whole(model, assert_streams):
    assert_streams(model)


def test_the_model_follows_its_recurrence(model, random_roll):
    v = random_roll(4, 1)
    with torch.no_grad():
        model.start.copy_(torch.randn(6))
        nats, _ = model.log_likelihood(v, torch.ones(4, 1, dtype=torch.bool), model.initial(1))
        every, _ = model.frames(v, model.start[None, None])
        before = torch.cat([model.start[None], every[:-1, 0]])
        p = torch.sigmoid(model.visible(before).double())
        expected = torch.where(v[:, 0] > 0, p, 1 - p).log().sum(1)
    assert torch.allclose(nats[:, 0].double(), expected, atol=1e-3)


def test_every_weight_is_trained(model, assert_trains):
    assert_trains(model)


def test_a_new_model_is_near_the_marginals():
    model = SigmoidRNN(SigmoidRNNConfig(recurrent=6))
    model.set_marginals(torch.full((KEYS,), 0.25))
    assert torch.allclose(torch.sigmoid(model.visible.bias), torch.tensor(0.25))
