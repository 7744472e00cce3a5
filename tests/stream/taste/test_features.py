import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.music.note import Note
from stream.taste.features import NOTES, beat_of, of_notes, of_tune
from tests.stream.kept.kept_tunes import part

MELODIES = st.lists(st.tuples(st.integers(40, 80), st.sampled_from([12, 24, 48, 96])), max_size=40)


def melody(pairs):
    notes, at = [], 0
    for pitch, length in pairs:
        notes.append(Note(at, length, pitch))
        at += length
    return tuple(notes), at


@given(MELODIES, st.integers(-12, 12))
def test_only_the_register_moves_with_the_key(pairs, semitones):
    notes, length = melody(pairs)
    found = of_notes(notes, length)
    moved = of_notes([n.transposed(semitones) for n in notes], length)
    assert found.keys() == moved.keys()
    for name in found:
        assert moved[name] - found[name] == pytest.approx(semitones * (name == "register"))


@given(MELODIES, st.randoms())
def test_the_order_and_softer_voices_do_not_matter(pairs, random):
    notes, length = melody(pairs)
    below = [dataclasses.replace(n, pitch=n.pitch - 20) for n in notes]
    band = [dataclasses.replace(n, pitch=127, channel=9) for n in notes]
    shuffled = [*notes, *below, *band]
    random.shuffle(shuffled)
    assert of_notes(shuffled, length) == of_notes(notes, length)


def test_features_of_a_few_notes():
    notes = (Note(0, 24, 60), Note(24, 48, 67), Note(72, 24, 66), Note(96, 96, 72))
    found = of_notes(notes, 192)
    assert found["leaps"] == pytest.approx(2 / 3)
    assert found["density"] == 1.0
    assert (found["range"], found["syncopation"]) == (12, 0.25)
    assert found["chromatic"] == 0  # C, G, F sharp and C are notes of G major
    assert of_notes(notes[:1], 192) == {}
    assert (beat_of("6/8"), beat_of("3/4"), beat_of("")) == (72, 48, 48)


def test_a_tune_has_the_features_of_its_phrases_and_of_its_plan():
    found = of_tune([part(index, 0).source for index in range(3)])
    assert set(NOTES) < found.keys()
    assert (found["minor"], found["threes"], found["style:folk"]) == (0, 1, 1)
    assert found["density"] == 2.0
    assert of_tune([]) == {}
