import numpy as np
import pytest

from export.corpus.satb import held_out, mode_of, read_satb, shifted, transpositions
from stream.errors import CorpusError

CHORD = [72, 67, 64, 48]


def archive(path, **arrays):
    whole = {"train_satb": np.array([CHORD, CHORD, [-1, 67, 64, 48]], np.int8)}
    whole["train_lengths"] = np.array([2, 1])
    np.savez(path, **(whole | arrays))
    return path


def test_pitches_become_classes_chorale_by_chorale(tmp_path):
    found = read_satb(archive(tmp_path / "a.npz"))
    classes = [45, 40, 37, 21]
    assert [c.tolist() for c in found["train"]] == [[classes, classes], [[0, 40, 37, 21]]]
    assert found["valid"] == found["test"] == []


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"train_satb": np.zeros((3, 5), np.int8)}, "train_satb is 3 x 5, not steps x 4 parts"),
        ({"train_satb": np.zeros((3, 4))}, "train_satb holds float64, not whole numbers"),
        ({"train_lengths": np.array([2, 2])}, "train_lengths add up to 4 of 3 steps"),
        ({"train_lengths": np.array([3, 0])}, "train_lengths add up to 3 of 3 steps"),
        ({"train_lengths": np.array([1.5])}, "train_lengths, whole numbers of steps, is missing"),
        ({"train_satb": np.array([CHORD, [91, 67, 64, 48], CHORD])}, "pitch 91 in train_satb"),
        ({"train_satb": np.array([CHORD, [27, 67, 64, 48], CHORD])}, "pitch 27 in train_satb"),
        (
            {"train_satb": np.zeros((0, 4), int), "train_lengths": np.zeros(0, int)},
            "split train is empty; give an archive",
        ),
    ],
)
def test_what_is_wrong_with_an_archive_is_named(tmp_path, arrays, message):
    with pytest.raises(CorpusError) as caught:
        read_satb(archive(tmp_path / "a.npz", **arrays))
    assert message in str(caught.value)
    assert str(tmp_path / "a.npz") in str(caught.value)


def test_other_files_are_refused(tmp_path):
    (tmp_path / "a.npz").write_bytes(b"no archive")
    np.savez(tmp_path / "b.npz", pitch=np.zeros(3))
    for name, message in (("a", "not a readable .npz archive"), ("b", "has no train_satb")):
        with pytest.raises(CorpusError, match=message):
            read_satb(tmp_path / f"{name}.npz")


def test_a_held_out_split_must_not_be_empty(tmp_path):
    with pytest.raises(CorpusError, match="split valid is empty"):
        held_out(read_satb(archive(tmp_path / "a.npz")), "valid")


@pytest.mark.parametrize(
    ("chords", "mode"),
    [
        ([[45, 40, 37, 21]], "major"),
        ([[45, 40, 36, 21]] * 5 + [[45, 40, 37, 21]], "minor"),  # a major third at the very end
        ([[45, 40, 33, 21]], ""),
        ([[45, 40, 37, 0]], ""),
    ],
)
def test_the_mode_is_the_third_above_the_last_bass_that_sounds_longest(chords, mode):
    assert mode_of(np.array(chords)) == mode


def test_a_chorale_stays_within_the_ranges_of_its_parts():
    low, high = np.array([[45, 40, 37, 21]]), np.array([[47, 42, 39, 23], [0, 0, 0, 0]])
    assert transpositions([low, high], 5) == [[0, 1, 2], [-2, -1, 0]]
    assert shifted(np.array([[45, 0, 64, 1]]), 2).tolist() == [[47, 0, 64, 3]]
