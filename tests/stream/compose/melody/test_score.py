import math

import numpy as np
import pytest

from stream.compose.melody.score import normalized, score
from stream.compose.melody.vocabulary import encode_pitch
from stream.compose.step import Point
from stream.errors import CorpusError
from stream.music.note import Note

TUNE = tuple(Note(36 * i, 36, 38 + p) for i, p in enumerate((0, 2, 4, 5, 7, 7, 4, 0)))


def test_a_tune_is_moved_to_the_octave_and_the_unit_that_voices_know():
    assert normalized(TUNE) == [
        (*encode_pitch(62 + p), 5) for p in (0, 2, 4, 5, 7, 7, 4, 0)
    ]  # fmt: skip
    assert normalized(()) == []


def test_bits_are_those_of_stepping_through_the_tune(step):
    bits = score(step, TUNE)
    assert list(bits) == ["even", "odd"]
    state, nats = step.initial(), 0.0
    tags = np.array([[float(tag == "style:odd") for tag in step.spec.tags]], np.float32)
    point = Point(np.array([step.spec.styles["odd"].mean], np.float32), tags)
    for event in normalized(TUNE):
        out = step(state, point, np.zeros((1, 3), np.float32), np.array([event], np.int64))
        state, nats = out.state, nats - float(out.log_prob[0])
    assert bits["odd"] == pytest.approx(nats / len(TUNE) / math.log(2), abs=1e-4)


def test_nothing_to_score(step):
    with pytest.raises(CorpusError, match="no notes found"):
        score(step, ())
