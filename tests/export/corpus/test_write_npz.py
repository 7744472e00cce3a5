from __future__ import annotations

import numpy as np
import pytest

from export.corpus.dataset import split_of
from export.corpus.melody_npz import read_npz
from export.corpus.write_npz import write_npz
from stream.compose.tunes.rules import to_melody
from stream.compose.tunes.tune import Melody, Tune
from stream.errors import CorpusError
from stream.music.note import Note


def test_what_is_written_is_read_again(tmp_path):
    scale = [[0, 3, 5], [2, 3, 5], [12, 7, 2], [4, 3, 2], [5, 3, 8]]
    melodies = [
        Melody(np.array(scale, np.uint8), "One", "folk", 5, 24, 8, "major", ""),
        Melody(np.array(scale[::-1], np.uint8), "Two", "jazz", -3, 18, 0, "", "test"),
    ]
    path = tmp_path / "all.npz"
    write_npz(path, melodies)
    tunes = list(read_npz(path, "folk"))
    assert tunes == [
        Tune(
            (Note(0, 48, 60), Note(48, 48, 62), Note(120, 24, 64), Note(144, 96, 65)),
            "One", "folk", 5, bar=384, mode="major", meter="8/4",
        ),
        Tune(
            (Note(0, 96, 65), Note(96, 24, 64), Note(144, 48, 62), Note(192, 48, 60)),
            "Two", "folk", -3,
        ),
    ]  # fmt: skip
    for tune, melody in zip(tunes, melodies, strict=True):
        again = to_melody(tune)
        assert again.tokens.tolist() == melody.tokens.tolist()
        assert (again.unit, again.bar, again.mode) == (48, melody.bar, melody.mode)
    with np.load(path) as archive:
        assert archive["style"].tolist() == ["folk", "jazz"]
        assert archive["split"].tolist() == [split_of(melodies[0]), "test"]


def test_the_name_is_taken_as_it_is(tmp_path):
    write_npz(tmp_path / "all", [])
    assert [path.name for path in tmp_path.iterdir()] == ["all"]


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(CorpusError, match="cannot be written"):
        write_npz(tmp_path, [])
