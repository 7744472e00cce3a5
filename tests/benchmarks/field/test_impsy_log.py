"""Tunes become logs that IMPSY reads: a line a note, time and pitch."""

import numpy as np

from benchmarks.field.impsy_log import lines, write
from stream.compose.melody.vocabulary import encode
from stream.compose.tunes.tune import Melody
from stream.music.note import Note


def melody(split):
    notes = (Note(0, 24, 60), Note(48, 24, 64))
    tokens = np.array(encode(notes, 24, 72), np.uint8).reshape(-1, 3)
    return Melody(tokens, "a tune", "folk", 1, 24, 8, "major", split)


def test_a_rest_is_time_before_the_next_note():
    first, second = (line.split(",") for line in lines(melody("train")))
    assert (first[1], float(first[2])) == ("interface", round(60 / 127, 6))
    assert float(second[2]) == round(64 / 127, 6)
    assert first[0] == "2020-01-01T00:00:00+00:00"
    assert second[0] == "2020-01-01T00:00:00.500000+00:00"


def test_held_out_tunes_are_not_written(tmp_path):
    assert write([melody("train"), melody("test")], tmp_path / "logs") == 2
    (log,) = (tmp_path / "logs").iterdir()
    assert log.name == "00000-2d-mdrnn.log"
