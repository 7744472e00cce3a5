import pytest
import torch

from export.models.polyphony.nade import NADE, NADEConfig
from export.models.polyphony.rnn_nade import RNNNADE, RNNNADEConfig
from export.models.polyphony.sigmoid_rnn import SigmoidRNN, SigmoidRNNConfig
from tests.export.models.polyphony.loud import loud

SIZES = {"recurrent": 6, "hidden": 5}


def made(**changes):
    torch.manual_seed(4)
    return loud(RNNNADE(RNNNADEConfig(**SIZES | changes)))


@pytest.fixture(params=["nade", "independent"])
def model(request):
    return made(output=request.param)


def test_the_probabilities_of_all_frames_sum_to_one(model, assert_sums_to_one):
    assert_sums_to_one(model)


def test_chunks_equal_the_whole(model, assert_streams):
    assert_streams(model)


def frames_of(model, v):
    with torch.no_grad():
        mask = torch.ones(v.shape[:2], dtype=torch.bool)
        return model.log_likelihood(v, mask, model.begin(torch.zeros(v.shape[1], 1)))[0]


def test_its_output_without_the_nade_is_the_rnns(random_roll):
    model, v = made(output="independent"), random_roll(7, 2)
    rnn = SigmoidRNN(SigmoidRNNConfig(recurrent=6)).eval()
    shared = {n: w for n, w in model.state_dict().items() if n in rnn.state_dict()}
    rnn.load_state_dict(shared)
    assert torch.equal(frames_of(model, v), frames_of(rnn, v))
    model.config = RNNNADEConfig(**SIZES)
    assert not torch.allclose(frames_of(model, v), frames_of(rnn, v), atol=1e-2)


def test_without_what_the_rnn_adds_it_is_a_nade(random_roll):
    model, v = made(), random_roll(7, 2)
    nade = NADE(NADEConfig(hidden=5)).eval()
    with torch.no_grad():
        model.visible.weight.zero_()
        model.bias.weight.zero_()
        nade.keys.load_state_dict(model.keys.state_dict())
        nade.visible.copy_(model.visible.bias)
        nade.bias.copy_(model.bias.bias)
    assert torch.allclose(frames_of(model, v), frames_of(nade, v), atol=1e-5)


def test_every_weight_is_trained(assert_trains):
    assert_trains(made())


def test_it_begins_with_an_rnns_weights():
    rnn = SigmoidRNN(SigmoidRNNConfig(recurrent=6))
    model = made()
    model.load_state_dict(model.completed(rnn.state_dict()))
    assert torch.equal(model.visible.weight, rnn.visible.weight)
