import math

import numpy as np
import pytest

from stream.compose.melody.score import normalised, score
from stream.compose.melody.vocabulary import encode_pitch
from stream.compose.step import Point
from stream.errors import CorpusError
from stream.music.note import Note

TUNE = tuple(Note(36 * i, 36, 38 + p) for i, p in enumerate((0, 2, 4, 5, 7, 7, 4, 0)))


def test_a_tune_is_moved_to_the_octave_and_the_unit_that_voices_know():
    assert normalised(TUNE) == [
        (*encode_pitch(62 + p), 5) for p in (0, 2, 4, 5, 7, 7, 4, 0)
    ]  # fmt: skip
    assert normalised(()) == []


def test_bits_are_those_of_stepping_through_the_tune(step):
    bits = score(step, TUNE)
    assert list(bits) == ["even", "odd"]
    memory, nats = step.initial(), 0.0
    tags = np.array([[float(tag == "style:odd") for tag in step.spec.tags]], np.float32)
    point = Point(np.array([step.spec.styles["odd"].mean], np.float32), tags)
    for event in normalised(TUNE):
        out = step(memory, point, np.zeros((1, 3), np.float32), np.array([event], np.int64))
        memory, nats = out.memory, nats - float(out.log_prob[0])
    assert bits["odd"] == pytest.approx(nats / len(TUNE) / math.log(2), abs=1e-4)


def test_nothing_to_score(step):
    with pytest.raises(CorpusError, match="no note to score"):
        score(step, ())
