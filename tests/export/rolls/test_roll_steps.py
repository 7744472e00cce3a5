import pytest

from export.models.polyphony.family import FAMILIES
from export.models.polyphony.frame_model import FrameConfig, FrameModel
from export.rolls.roll_steps import STEPS, step_of
from stream.errors import CorpusError


def test_every_family_has_a_step():
    assert set(STEPS) == set(FAMILIES.values())


def test_other_models_are_refused():
    with pytest.raises(
        CorpusError, match="a model FrameModel cannot be a voice; voices are made of "
    ):
        step_of(FrameModel(FrameConfig(), 0))
