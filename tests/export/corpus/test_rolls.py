import re

import numpy as np
import pytest

from export.corpus.rolls import load_rolls, read_rolls
from stream.errors import CorpusError, SettingsError

PIECES = [np.eye(88, dtype=bool)[:5], np.eye(88, dtype=bool)[80:], np.zeros((1, 88), bool)]


def arrays():
    roll = np.packbits(np.concatenate(PIECES), axis=1)
    lengths = np.array([5, 8, 1])
    return {f"{k}_{part}": value for k in ("train", "valid", "test")
            for part, value in (("roll", roll), ("lengths", lengths))}  # fmt: skip


@pytest.fixture
def archive(tmp_path):
    np.savez(tmp_path / "tiny.npz", **arrays())
    return tmp_path / "tiny.npz"


def test_pieces_come_back_as_they_were(archive):
    (found,) = load_rolls([f"tiny={archive}"])
    assert found.name == "tiny"
    for split in ("train", "valid", "test"):
        assert [piece.tolist() for piece in found.split(split)] == [p.tolist() for p in PIECES]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("valid_roll", np.zeros((14, 12), np.uint8), "valid_roll is uint8 [14, 12]; a frame is 88"),
        ("train_roll", np.zeros((14, 88), np.uint8), "train_roll is uint8 [14, 88]"),
        ("test_roll", np.zeros((14, 11), np.float32), "test_roll is float32 [14, 11]"),
        ("test_roll", np.zeros((0, 11), np.uint8), "split test is empty"),
        ("train_lengths", np.zeros(0, int), "split train is empty"),
        ("train_lengths", np.array([5, 8]), "add up to 13, train_roll has 14 frames"),
        ("train_lengths", np.array([14, 0]), "whole numbers from 1 up"),
        ("train_lengths", np.array([14.0]), "whole numbers from 1 up"),
    ],
)
def test_arrays_of_a_wrong_shape_or_type_are_named(tmp_path, name, value, message):
    path = tmp_path / "wrong.npz"
    np.savez(path, **(arrays() | {name: value}))
    with pytest.raises(CorpusError, match=rf"^{re.escape(str(path))}: [^\n]*{re.escape(message)}"):
        read_rolls(path, "wrong")


def test_an_invalid_file_is_named(tmp_path):
    with pytest.raises(CorpusError, match=r"none\.npz: not a readable archive of piano rolls"):
        read_rolls(tmp_path / "none.npz", "none")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(CorpusError, match=r"text\.npz: not a readable archive of piano rolls"):
        read_rolls(tmp_path / "text.npz", "text")
    np.savez(tmp_path / "other.npz", pitch=np.zeros(3))
    with pytest.raises(CorpusError, match=r"other\.npz: not a readable archive of piano rolls"):
        read_rolls(tmp_path / "other.npz", "other")


@pytest.mark.parametrize("source", ["jsb", "=x.npz", "jsb="])
def test_a_set_needs_a_name_and_a_path(source):
    with pytest.raises(SettingsError, match="must be NAME=PATH"):
        load_rolls([source])


def test_a_name_is_given_once(archive):
    with pytest.raises(SettingsError, match="tiny is given twice"):
        load_rolls([f"tiny={archive}", f"tiny={archive}"])
