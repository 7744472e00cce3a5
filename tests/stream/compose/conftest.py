import pathlib

import pytest

from stream.compose.composer import Composer
from stream.compose.step import Step

TINY = pathlib.Path(__file__).parents[2] / "data" / "tiny.onnx"


@pytest.fixture
def step():
    return Step(TINY)


@pytest.fixture
def composer():
    return Composer(TINY)
