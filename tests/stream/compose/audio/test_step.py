import pathlib

import numpy as np
import pytest

from stream.compose.audio.step import AudioStep
from stream.compose.step import Step
from stream.errors import VoiceError
from stream.voices.spec import StyleSpec, TensorSpec

TINY = pathlib.Path(__file__).parents[3] / "data" / "tiny.onnx"
STILL = np.full(3, 0.5, np.float32)
LOW = np.array([1, 0], np.float32)


def test_a_seed_takes_the_place_of_the_states(voice):
    step = AudioStep(voice)
    silent, block = step(step.initial(), LOW, 1.0, STILL)
    np.testing.assert_array_equal(block, np.zeros(step.width, np.float32))
    np.testing.assert_array_equal(silent[0], [[0, 0, 0]])
    primed, block = step(step.initial(), LOW, 1.0, STILL, seed=2)
    np.testing.assert_allclose(primed[0], [[0.098, 0.098, 0.098]], rtol=1e-6)
    assert np.abs(block).max() > 0.1
    assert primed[1] == [1]


def test_the_style_and_the_temperature_are_heard(voice):
    step = AudioStep(voice)
    struck = np.ones(3, np.float32)
    found = [step(step.initial(), LOW, t, struck)[0][0] for t in (0.5, 2.0)]
    np.testing.assert_allclose(found, [[[0.05, 0, 0]], [[0.2, 0, 0]]])


def test_the_width_of_a_block(voice):
    assert AudioStep(voice).width == {"tiny_sound": 400, "tiny_spectrum": 1202}[voice.stem]


def test_a_voice_of_notes_makes_no_sound():
    with pytest.raises(VoiceError, match="kind melody; give a voice that makes sound"):
        AudioStep(TINY)


def test_a_voice_of_sound_plays_no_notes(voice):
    with pytest.raises(
        VoiceError, match="makes sound instead of notes; use it with play and render only"
    ):
        Step(voice)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"noise": 4}, "its graph differs from its description"),
        ({"tags": ("set:low",)}, "its graph differs from its description"),
        ({"states": (TensorSpec("a", (3,), "float32"),)}, "its graph differs"),
        ({"audio": {"length": 401}}, "its graph returns arrays of another shape"),
        ({"audio": {"synthesis": "spectrum"}}, "its graph returns arrays of another shape"),
        ({"styles": {"low": StyleSpec(seeds=(0, 4))}}, "its graph fails"),
    ],
)
def test_a_graph_that_is_not_what_it_describes_is_refused(changed, change, reason):
    with pytest.raises(VoiceError, match=reason):
        AudioStep(changed(**change))
