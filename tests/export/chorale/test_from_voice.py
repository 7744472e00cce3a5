"""The model inside a voice."""

import numpy as np
import pytest

from benchmarks.music.chorale import played
from export.chorale.batches import score_of, untagged
from export.chorale.from_voice import model_of
from export.chorale.likelihood import measured
from export.models.polyphony.chorale import ChoraleConfig
from stream.compose.step import Step
from stream.errors import VoiceError
from stream.voices.spec import find_voice

VOICE = find_voice("chorale")
FRAMES = np.repeat([[34, 29, 25, 13], [36, 31, 24, 19], [34, 29, 25, 13]], 8, axis=0)


def test_the_model_inside_the_shipped_voice_judges_as_the_voice_does():
    voice = played(Step(VOICE), "a cadence", [FRAMES])
    model = measured(model_of(VOICE), [untagged(score_of(FRAMES))])
    assert model.frame == pytest.approx(voice.value, rel=0.02)
    assert model.frames == voice.n == len(FRAMES)


def test_a_voice_of_other_sizes_is_refused():
    with pytest.raises(VoiceError, match="name a voice made by"):
        model_of(VOICE, ChoraleConfig(hidden=64))
