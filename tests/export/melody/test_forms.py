import numpy as np
import pytest

from export.melody.forms import form, forms, last_note, returning
from stream.compose.melody.vocabulary import encode_pitch
from stream.compose.tunes.tune import Melody

A, B, C = ([60, 62, 64, 65] * 4, [67, 69, 71, 72] * 4, [72, 60, 72, 60] * 4)
VARIED = [*B[:10], 50, 51, 52, 53, 54, 55]
"""Begins like B for more than half of it."""


def melody(*phrases, bar=4):
    """Phrases of sixteen units."""
    tokens = np.array([(*encode_pitch(p), 5) for phrase in phrases for p in phrase], np.uint8)
    return Melody(tokens, "", "even", 0, 24, bar, "major", "")


@pytest.mark.parametrize(
    ("phrases", "letters"),
    [
        ((A, A, B, VARIED), "aabB"),
        ((A, B, A, C), "abac"),
        ((A, B, VARIED, VARIED), "abBB"),
        ((A, B, A[:10]), "abA"),  # the last one wants its upbeat
        ((A, B, A, C[:3]), "aba"),  # this is no phrase
        ((A, B), ""),
        ((A,) * 20, "a" * 12),
    ],
)
def test_the_form_of_a_tune(phrases, letters):
    assert form(melody(*phrases)) == letters


def test_shares_of_forms():
    tunes = [melody(A, A, B)] * 3 + [melody(A, B, C)] + [melody(A, B)] * 9
    assert forms(tunes) == {"aab": 0.75, "abc": 0.25}


def test_where_no_tune_tells_its_form():
    assert form(melody(A, A, B, bar=0)) == ""
    assert forms([melody(A)]) == {"abcd": 1.0}


def test_how_much_of_a_new_phrase_is_not_new():
    rng = np.random.default_rng(0)
    one, two, three = rng.integers(50, 70, (3, 32)).tolist()
    assert returning([melody(one, two, three, bar=8)] * 3) == 0
    # Of the 32 runs that end in the last phrase, those of its last twenty notes but twelve.
    mixed = [*three[:12], *two[12:]]
    assert form(melody(one, two, mixed, bar=8)) == "abc"
    assert returning([melody(one, two, mixed, bar=8)] * 20) == 8 / 32
    assert returning([melody(one, two, bar=8)]) == 1.0


def test_how_long_last_notes_are():
    tunes = [melody(A[:k]) for k in range(1, 9)]
    for k, tune in enumerate(tunes):
        tune.tokens[-1, 2] = 5 if k < 3 else 8
    assert last_note(tunes) == 1.0
    assert last_note(tunes[2:]) == 2.0
    assert last_note([]) == 0.0
