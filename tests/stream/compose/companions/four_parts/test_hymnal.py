"""Four parts under a soprano: frames, context and rules."""

import dataclasses
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.companions.four_parts import texture
from stream.compose.companions.four_parts.hearing import REGISTER_AT
from stream.compose.companions.four_parts.reference import reference
from stream.compose.companions.hymnal import KIND
from stream.compose.companions.score import Score
from stream.music.note import Note
from stream.music.part import ALTO, BASS, LEAD, TENOR

SCALE = (0, 2, 4, 5, 7, 9, 11, 12)
TUNE = (60, 62, 64, 65, 67, 67, 69, 67, 65, 64, 62, 60, 64, 62, 60, 60)
CHORD = {ALTO: 64, TENOR: 60, BASS: 48}


def quarters(pitches, begin=0):
    return tuple(Note(begin + 48 * i, 48, pitch) for i, pitch in enumerate(pitches))


def tune(**changed):
    """Four bars in C major, a quarter note each, over nothing."""
    lead = quarters([pitch + 7 for pitch in TUNE])
    return dataclasses.replace(Score({LEAD: lead}, 768, 192, 48), **changed)


def moved(score, semitones):
    parts = {r: tuple(n.transposed(semitones) for n in notes) for r, notes in score.parts.items()}
    return dataclasses.replace(score, parts=parts)


def with_parts(score, pitches):
    """Return the score with each part on one pitch, struck on every beat."""
    parts = {role: quarters([pitch] * 16) for role, pitch in pitches.items()}
    return dataclasses.replace(score, parts={**score.parts, **parts})


@given(st.integers(-5, 6))
def test_hears_and_encodes_the_same_in_every_key(semitones):
    score = with_parts(tune(), CHORD)
    other = moved(score, semitones)
    found, same = (np.delete(KIND.context(s, 0, 64), REGISTER_AT, 1) for s in (score, other))
    np.testing.assert_array_equal(found, same)
    np.testing.assert_array_equal(KIND.encode(score, 0, 64), KIND.encode(other, 0, 64))


@given(st.integers(-3, 3))
def test_hears_a_soprano_far_up_or_down_as_one_in_its_usual_place(octaves):
    score = tune()
    other = moved(score, 12 * octaves) if octaves < 3 else score
    np.testing.assert_array_equal(KIND.context(score, 0, 64), KIND.context(other, 0, 64))


@given(st.lists(st.sampled_from(SCALE), min_size=16, max_size=16), st.data())
def test_decodes_what_it_has_encoded(steps, data):
    held = data.draw(st.lists(st.booleans(), min_size=16, max_size=16))
    line = [Note(48 * i, 48, 48 + step) for i, step in enumerate(steps)]
    bass = [n for n, skip in zip(line, held, strict=True) if not skip]
    score = tune(style="quartet")
    score = dataclasses.replace(score, parts={**score.parts, BASS: tuple(bass)})
    found = KIND.decode(KIND.encode(score, 0, 64), score, np.random.default_rng(0))
    assert [(n.onset, n.duration, n.pitch) for n in found[BASS]] == [
        (n.onset, n.duration, n.pitch) for n in bass
    ]
    assert found[ALTO] == found[TENOR] == ()


@given(st.integers(0, 2**32 - 1), st.integers(30, 100))
def test_decodes_any_frames_within_phrase_and_range(seed, mean):
    rng = np.random.default_rng(seed)
    frames = np.stack([rng.integers(0, size, 61) for size in KIND.heads], 1)
    lead = quarters([mean] * 15, 12)
    score = Score({LEAD: lead}, 739, 192, 48, style="quartet", low=36, high=88)
    for notes in KIND.decode(frames, score, rng).values():
        assert all(n.onset >= 0 and n.end <= 739 and n.duration > 0 for n in notes)
        assert all(36 <= n.pitch <= 88 for n in notes)
        assert all(a.end <= b.onset for a, b in pairwise(notes))


def test_tells_a_repeated_note_from_a_held_one():
    score = with_parts(tune(), CHORD)
    frames = KIND.encode(score, 0, 64)
    assert (np.flatnonzero(frames[:, 0]) == np.arange(0, 64, 4)).all()
    frames[1:, 0] = 0
    found = KIND.decode(frames, score, np.random.default_rng(0))
    assert {role: len(notes) for role, notes in found.items()} == {ALTO: 1, TENOR: 1, BASS: 1}


def test_hears_nothing_beyond_the_phrase_and_nothing_of_its_own_parts():
    score = tune()
    beyond = {LEAD: (*score.parts[LEAD], *quarters([90] * 4, 768)), ALTO: quarters([64] * 16)}
    other = dataclasses.replace(score, parts=beyond)
    assert reference(score) == reference(tune())
    np.testing.assert_array_equal(KIND.context(score, 0, 64), KIND.context(tune(), 0, 64))
    own = dataclasses.replace(other, parts={**score.parts, ALTO: beyond[ALTO]})
    np.testing.assert_array_equal(KIND.context(score, 0, 64), KIND.context(own, 0, 64))


def test_hears_the_past_of_the_tune():
    score = tune(past=768, phrase_lengths=(768,))
    score = dataclasses.replace(
        score, parts={LEAD: (*quarters([72] * 16, -768), *score.parts[LEAD])}
    )
    assert KIND.context(score, -768, 64).shape == (64, KIND.context_width)


def test_counts_parallels_crossings_and_leaps():
    fifths = np.array([[72, 67, 60, 48], [74, 69, 60, 50]])
    assert texture.parallels(fifths) == [(1, 0, 3), (1, 1, 3)]
    assert texture.crossed(np.array([[60, 64, 55, 48], [64, 60, 55, 48]])).tolist() == [True, False]
    leaps = np.array([[72, 67, 60, 48], [72, 67, 60, 59], [72, 67, 60, 47]])
    assert texture.measured(leaps, 3, 1)["leaps"] == 1


def test_rules_prefer_a_setting_without_parallels_that_ends_on_the_tonic():
    score = tune(closing=True, style="quartet")
    lead = [note.pitch for note in score.parts[LEAD]]
    octaves = {BASS: quarters([pitch - 24 for pitch in lead]), ALTO: quarters([64] * 16)}
    parallel = dataclasses.replace(score, parts={**score.parts, **octaves})
    good = {ALTO: quarters([59] * 15 + [60]), BASS: quarters([55] * 15 + [43])}
    steady = dataclasses.replace(score, parts={**score.parts, **good})
    frames = [KIND.encode(s, 0, 64) for s in (parallel, steady)]
    first, second = ({rule.name: rule for rule in rules} for rules in KIND.rules(frames, score))
    assert not first["parallels"].passed
    assert second["parallels"].passed
    assert {"parallels", "crossings", "last_chord"} <= set(first)


@pytest.mark.parametrize("style", ["", "hymn", "quartet"])
def test_a_score_without_a_lead_has_a_context(style):
    score = Score({}, 768, 192, 48, style=style)
    assert np.isfinite(KIND.context(score, 0, 64)).all()
    assert len(KIND.rules([np.zeros((64, 4), np.int64)], score)) == 1
