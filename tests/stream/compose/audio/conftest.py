"""The tiny voices of sound, and others made of them."""

import dataclasses
import pathlib

import pytest

from stream.voices.spec import read_spec, replace_spec

DATA = pathlib.Path(__file__).parents[3] / "data"
VOICES = [DATA / "tiny_sound.onnx", DATA / "tiny_spectrum.onnx"]


@pytest.fixture(params=VOICES, ids=lambda path: path.stem)
def voice(request):
    return request.param


@pytest.fixture
def changed(tmp_path):
    """The first tiny voice with another description."""

    def change(audio=(), **changes):
        spec, data = read_spec(VOICES[0]), VOICES[0].read_bytes()
        path = tmp_path / "changed.onnx"
        spec = dataclasses.replace(
            spec, audio=dataclasses.replace(spec.audio, **dict(audio)), **changes
        )
        path.write_bytes(replace_spec(data, spec))
        return path

    return change
