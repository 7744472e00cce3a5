import numpy as np
import pytest

from export.frames import styles
from stream.compose.polyphony.chorale_frames import CHORALE
from stream.compose.polyphony.features import OF_PARTS

GRID = styles.four_quarters(CHORALE)


def phrase(seed, frames=64):
    rng = np.random.default_rng(seed)
    chords = rng.integers((40, 33, 28, 15), (48, 40, 34, 24), (frames // 4, 4))
    return np.repeat(chords, 4, 0)


def ending(phrase_, seed):
    """The phrase with another second half."""
    return np.concatenate([phrase_[:32], phrase(seed, 32)])


A, B, C = phrase(1), phrase(2), phrase(3)


@pytest.mark.parametrize(
    ("phrases", "form"),
    [
        ((A, A, B), "aab"),
        ((A, B, A, C), "abac"),
        ((A, B, ending(A, 9)), "abA"),
        ((A, B), ""),
        ((A, B, C[:48]), "abc"),
        ((A, B, C[:40]), ""),
        ((A, *[phrase(20 + i) for i in range(14)]), "abcdefghijkl"),
    ],
)
def test_forms_are_told_by_phrases_that_come_back(phrases, form):
    assert styles.form(GRID, np.concatenate(phrases)) == form


def test_shares_of_forms():
    pieces = [np.concatenate(p) for p in ((A, A, B), (A, A, B), (A, B, C), (A, B))]
    assert styles.forms(GRID, pieces) == {"aab": 0.6667, "abc": 0.3333}
    assert styles.forms(GRID, [A]) == {"abcd": 1.0}


def test_bounds_let_nearly_all_real_excerpts_pass():
    pieces = [np.concatenate([phrase(100 * i + j) for j in range(4)]) for i in range(20)]
    bounds = styles.bounds(GRID, pieces)
    rows = [CHORALE.features(e) for e in styles.excerpts(GRID, pieces)]
    assert len(rows) == 20 * 13
    assert bounds.keys() == set(CHORALE.feature_names)
    for name, (low, high) in bounds.items():
        assert np.mean([low - 5e-4 <= row[name] <= high + 5e-4 for row in rows]) >= (
            0.94 if name in OF_PARTS else 0.98
        )
    assert all(bounds[name][0] == 0.0 for name in ("crossings", "parallels", "out_of_range"))


def test_what_all_excerpts_share_is_within_the_bounds():
    rows = [{"turns": 5 / 128, "fault": 1 / 3}] * 9
    assert styles.limits(("turns", "fault"), rows, ("fault",)) == {
        "turns": (0.039, 0.04), "fault": (0.0, 0.334),
    }  # fmt: skip


def test_the_last_chord_is_measured_without_the_silence_after_it():
    held = np.concatenate([A, np.repeat(B[:1], 8, 0), np.zeros((4, 4), int)])
    assert styles.last_chord(GRID, [held]) == 8.0
    assert styles.last_chord(GRID, [np.zeros((4, 4), int)]) == 0.0


def test_copies_are_told_apart_from_other_pieces():
    pieces = [np.concatenate([phrase(50 + i), phrase(80 + i), phrase(90 + i)]) for i in range(3)]
    table = styles.corpus_table(GRID, pieces[:2])
    assert styles.usual_copy(GRID, table, pieces[2:]) == 8
    assert styles.usual_copy(GRID, table, pieces[:1]) > 40
    moved = [np.where(pieces[0] > 0, pieces[0] + 3, 0)]
    assert styles.usual_copy(GRID, table, moved) > 40
    assert styles.usual_copy(GRID, table, []) == 2**31 - 1
