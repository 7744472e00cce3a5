"""The model inside a voice."""

import pytest
import torch

from export.chorale.batches import score_of
from export.chorale.from_voice import model_of
from export.chorale.likelihood import measured
from export.chorale.step import ChoraleStep
from export.frames.parity import graphs
from stream.errors import VoiceError


@pytest.fixture
def voice(chorale_model, tmp_path):
    path = tmp_path / "a.onnx"
    path.write_bytes(graphs(ChoraleStep(chorale_model).eval())[1])
    return path


def test_the_model_of_a_voice_is_the_trained_one_up_to_the_rounding(voice, chorale_model, chorales):
    scores = [score_of(frames) for frames in chorales]
    found = model_of(voice, chorale_model.config)
    for name, parameter in chorale_model.state_dict().items():
        assert torch.allclose(found.state_dict()[name], parameter, atol=0.03), name
    trained, again = (measured(each, scores).token for each in (chorale_model, found))
    assert again == pytest.approx(trained, abs=0.02)


def test_a_voice_of_other_sizes_is_refused(voice):
    with pytest.raises(VoiceError, match="name a voice made by"):
        model_of(voice)
