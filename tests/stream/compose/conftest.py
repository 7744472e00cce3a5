import dataclasses
import pathlib

import pytest

from stream.compose.composer import Composer
from stream.compose.step import Step
from stream.voices.spec import read_spec, replace_spec

DATA = pathlib.Path(__file__).parents[2] / "data"
TINY = DATA / "tiny.onnx"
CHORALE = DATA / "tiny_chorale.onnx"
PIANO = DATA / "tiny_piano.onnx"
LEAD = DATA / "tiny_lead.onnx"
OUTLINED = DATA / "tiny_outlined.onnx"


def changed(voice, tmp_path, **style):
    """The voice with its styles so."""
    spec, data = read_spec(voice), voice.read_bytes()
    styles = {name: dataclasses.replace(s, **style) for name, s in spec.styles.items()}
    path = tmp_path / "changed.onnx"
    path.write_bytes(replace_spec(data, dataclasses.replace(spec, styles=styles)))
    return path


@pytest.fixture
def step():
    return Step(TINY)


@pytest.fixture
def composer():
    return Composer(TINY)
