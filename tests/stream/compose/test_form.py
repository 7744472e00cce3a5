import dataclasses

import pytest

from stream.compose.form import Repeat, closes, repeat
from stream.music.note import Note, PhraseRequest

A = (Note(0, 48, 60), Note(48, 24, 62), Note(96, 96, 64))
B = (Note(24, 24, 70), Note(48, 48, 71), Note(100, 20, 72))


def request(*phrases):
    """After phrases of notes and length; something else was played before the tune."""
    now = sum(length for _, length in phrases)
    at, history = -now, [Note(-now - 50, 50, 1)]
    for notes, length in phrases:
        history += [Note(at + n.onset, n.duration, n.pitch) for n in notes]
        at += length
    phrase_lengths = tuple(length for _, length in phrases)
    return PhraseRequest(9, 3, 1, phrase_lengths=phrase_lengths, history=tuple(history))


def test_a_new_letter_is_new_music():
    assert repeat("aba", request()) is None
    assert repeat("aba", request((A, 192))) is None


@pytest.mark.parametrize(("form", "notes", "length"), [("aba", A, 192), ("abb", B, 130)])
def test_a_letter_that_returns_is_that_phrase(form, notes, length):
    assert repeat(form, request((A, 192), (B, 130))) == Repeat(notes, length, whole=True)


def test_a_capital_is_the_first_half():
    now = request((A, 192), (B, 200))
    assert repeat("abA", now) == Repeat(A[:2], 96, whole=False)
    assert repeat("abB", now) == Repeat(B[:2], 100, whole=False)


def test_a_phrase_without_halves_is_not_begun_again():
    long = (Note(0, 192, 60),)
    assert repeat("aA", request((long, 192))) is None
    assert repeat("aA", request(((), 192))) is None


def test_a_return_of_a_variation_is_the_first_one():
    assert repeat("aAa", request((A, 192), (B, 192))) == Repeat(A, 192, whole=True)


def test_beyond_the_end_of_a_form_all_is_new():
    """Another style was asked for in the middle of a tune, and its form is shorter."""
    now = request((A, 192), (B, 192), (A, 192))
    assert repeat("ab", now) is None
    assert closes("ab", now)


def test_the_rest_of_a_phrase_repeats_nothing_and_closes_what_the_phrase_would():
    now = dataclasses.replace(request((A, 192), (B, 130)), begun=24)
    assert repeat("aba", now) is None
    assert [closes(form, now) for form in ("ab", "aba", "abab")] == [True, True, False]


def test_the_last_letter_closes_the_tune():
    assert [closes("abc", request(*[(A, 9)] * n)) for n in range(3)] == [False, False, True]


def test_another_way_to_halve():
    """Several parts are cut by another rule than a melody."""
    kept = Repeat(A[:1], 50, whole=False)
    now = request((A, 192), (B, 130))
    assert (
        repeat("abA", now, lambda notes, length: kept if (notes, length) == (A, 192) else None)
        == kept
    )
    assert repeat("aba", now, lambda *_: None) == Repeat(A, 192, whole=True)


@pytest.mark.parametrize(
    ("ends", "kept"),
    [
        ((48, 96, 192), 2),
        ((48, 97, 192), 1),
        ((48, 95, 192), 2),
        ((97, 192), None),
        ((48, 96), None),
    ],
)
def test_half_a_phrase_is_what_has_ended_by_its_middle(ends, kept):
    """Up to where the next note begins; of what is all in one half there is no half."""
    starts = (0, *ends[:-1])
    notes = tuple(Note(a, b - a, 60) for a, b in zip(starts, ends, strict=True))
    found = repeat("aA", request((notes, 192)))
    assert found == (kept and Repeat(notes[:kept], notes[kept].onset, whole=False))


def test_a_rest_in_the_middle_is_heard_again_too():
    notes = (Note(0, 48, 60), Note(120, 48, 62))
    assert repeat("aA", request((notes, 192))) == Repeat(notes[:1], 120, whole=False)


def test_what_has_more_to_come_ends_no_tune():
    assert not closes("a", dataclasses.replace(request(), more=2))
