"""What tunes lean to: the voice's probabilities are read off, and the fit helps other tunes."""

import numpy as np
import pytest

from stream.compose.learning import leanings
from stream.compose.learning.place import Place, bits
from stream.compose.learning.sources import read
from stream.compose.melody.leaning import SIZE, packed
from stream.compose.step import Step
from tests.stream.compose.conftest import OUTLINED
from tests.stream.compose.learning.abc_files import write


@pytest.fixture(scope="module")
def step():
    return Step(OUTLINED)


@pytest.fixture(scope="module")
def melodies(step, tmp_path_factory):
    return read(write(tmp_path_factory.mktemp("tunes"), 6), step.spec).melodies


@pytest.fixture(scope="module")
def place(step):
    return Place(np.array(step.spec.styles["even"].mean), {"style:even": 1.0})


def test_the_probabilities_of_the_voice_are_read_off(step, melodies, place):
    pitch, duration = leanings._logits(step, melodies[0], place)
    assert np.exp(pitch).sum(1) == pytest.approx(1, abs=1e-3)
    assert np.exp(duration).sum(1) == pytest.approx(1, abs=1e-3)


def test_tunes_lean_to_what_other_tunes_of_their_kind_have(step, melodies, place):
    found = leanings.learned(step, melodies[:4], place)
    assert leanings.helps(step, melodies[4:], place, found)
    assert not leanings.helps(step, melodies[4:], place, "")


def test_a_leaning_the_wrong_way_is_refused(step, melodies, place):
    wrong = packed(np.random.default_rng(0).normal(0, 3, SIZE))
    assert not leanings.helps(step, melodies[4:], place, wrong)


def test_bits_are_the_same_in_a_batch_and_alone(step, melodies, place):
    alone = leanings.bits(step, melodies, place, "")
    assert bits(step, melodies, [place, place])[0] == pytest.approx(alone, abs=1e-4)
