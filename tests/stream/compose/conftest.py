import pathlib

import pytest

from stream.compose.composer import Composer
from stream.compose.step import Step

DATA = pathlib.Path(__file__).parents[2] / "data"
TINY = DATA / "tiny.onnx"
CHORALE = DATA / "tiny_chorale.onnx"
PIANO = DATA / "tiny_piano.onnx"
LEAD = DATA / "tiny_lead.onnx"


@pytest.fixture
def step():
    return Step(TINY)


@pytest.fixture
def composer():
    return Composer(TINY)
