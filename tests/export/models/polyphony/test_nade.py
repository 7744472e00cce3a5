import pytest
import torch

from export.models.polyphony.frame_model import KEYS
from export.models.polyphony.nade import NADE, NADEConfig


@pytest.fixture
def model():
    torch.manual_seed(1)
    model = NADE(NADEConfig(hidden=7))
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape))
    return model.eval()


def step_by_step(model, v):
    """One key after the other, as the equations read."""
    heard, said = model.keys.heard.double(), model.keys.said.double()
    told, total = model.bias.double(), 0.0
    for i in range(KEYS):
        p = torch.sigmoid(model.visible[i].double() + torch.sigmoid(told) @ said[:, i])
        total += float(torch.log(p if v[i] else 1 - p))
        told = told + v[i].double() * heard[i]
    return total


@torch.no_grad()
def test_each_key_is_given_those_below(model, random_roll):
    v = torch.cat([random_roll(1, 20)[0], torch.zeros(1, KEYS), torch.ones(1, KEYS)])
    nats, _ = model.log_likelihood(v[None], torch.ones(1, 22, dtype=torch.bool), model.initial(22))
    expected = [step_by_step(model, frame) for frame in v]
    assert nats[0].tolist() == pytest.approx(expected, abs=1e-3)


def test_the_probabilities_of_all_frames_sum_to_one(model, enumeration):
    with torch.no_grad():
        model.visible[enumeration.barred] = -60.0
    nats = enumeration.nats(model, torch.zeros(0, KEYS))
    assert float(nats.exp().sum()) == pytest.approx(1, abs=1e-5)
    assert nats.unique().numel() == 256


def test_nade_ignores_the_past(model, assert_streams):
    assert model.width == 0
    assert_streams(model)


def test_a_new_model_has_the_marginals():
    model = NADE(NADEConfig(hidden=4))
    share = torch.full((KEYS,), 0.25)
    share[3] = 0.0
    model.set_marginals(share)
    p = torch.sigmoid(model.visible).detach()
    assert float(p[0]) == pytest.approx(0.25, abs=1e-4)
    # A key that was never heard is rare, not impossible.
    assert 0 < float(p[3]) < 0.001


def test_every_weight_is_trained(model, assert_trains):
    assert_trains(model)


def test_no_frames_are_no_nats(model):
    nats, _ = model.log_likelihood(
        torch.zeros(2, 1, KEYS), torch.zeros(2, 1, dtype=torch.bool), model.initial(1)
    )
    assert nats.tolist() == [[0.0], [0.0]]
