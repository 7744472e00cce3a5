import pytest
import torch

from export.models.family import FAMILIES, build
from export.models.lm import LM
from export.models.melody import MelodyModel
from export.models.melody_config import MelodyConfig
from export.models.vae import VAE
from export.models.vrash import VRASH


def test_the_three_models_of_the_paper():
    assert FAMILIES == {"lm": LM, "vae": VAE, "vrash": VRASH}


@pytest.mark.parametrize(("name", "inputs"), [("lm", 132), ("vae", 64), ("vrash", 164)])
def test_the_sizes_of_the_default_models(name, inputs):
    model = build(name, MelodyConfig(("folk",)))
    assert model.decoder.inputs.weight.shape == (2 * 384, inputs)
    assert [layer.weight.shape for layer in model.decoder.layers] == [(2 * 384, 384)] * 3


def test_the_base_has_no_decoder_input():
    base = MelodyModel(MelodyConfig(("folk",), 8, 1), 0, 4)
    with pytest.raises(NotImplementedError):
        base.decoder_input(torch.zeros(1, 80), torch.zeros(1, 52), torch.zeros(1, 0))
