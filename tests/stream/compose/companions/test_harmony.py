"""Harmony is the same in every key, hears its phrase only, and its notes are read back."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose.companions.harmonic import chords as harmony_chords
from stream.compose.companions.harmonic.tonic import Key, key_of
from stream.compose.companions.harmony import KIND
from stream.compose.companions.score import Score
from stream.compose.polyphony import voicing
from stream.music.note import Note

SCALE = (60, 62, 64, 65, 67, 69, 71, 72)
TUNE = tuple(Note(48 * i, 48, p) for i, p in enumerate((60, 64, 67, 64, 65, 62, 71, 60) * 2))
SCORE = Score({"lead": TUNE}, 768, 192, 48, tune_style="folk")
C, F, G7, A_MINOR = 1, 6, 1 + 24 + 7, 1 + 12 + 9
RNG = np.random.default_rng


def frames_of(chords, score, each=16):
    return harmony_chords.tokens(np.repeat(chords, each), 0, key_of(score))


def with_harmony(score, notes):
    return dataclasses.replace(score, parts={**score.parts, "harmony": notes})


def names(rules):
    return {rule.name: rule for rule in rules}


@settings(max_examples=20)
@given(
    st.integers(-12, 12),
    st.lists(st.integers(1, voicing.CLASSES - 1), min_size=16, max_size=16),
    st.integers(0, 3),
)
def test_every_key_is_the_same(semitones, chords, late):
    moved = tuple(n.transposed(semitones) for n in TUNE)
    score = dataclasses.replace(SCORE, length=768 - 48 * late)
    there = dataclasses.replace(score, parts={"lead": moved})
    count = 64 - 4 * late
    assert (KIND.context(score, 0, count) == KIND.context(there, 0, count)).all()
    frames = frames_of(chords[late:], score, 4)
    sounding = with_harmony(there, KIND.decode(frames, there, RNG(0))["harmony"])
    found = KIND.encode(sounding, 0, count)
    assert (found == frames).all()
    low = KIND.decode(frames, dataclasses.replace(there, low=36, high=60), RNG(0))["harmony"]
    assert all(36 <= n.pitch <= 60 and n.channel == 4 for n in low)
    assert (KIND.encode(with_harmony(there, low), 0, count) == frames).mean() > 0.9


def test_chords_are_struck_where_they_change_and_at_bar_lines():
    notes = KIND.decode(frames_of([C, C, F, G7], SCORE), SCORE, RNG(0))["harmony"]
    assert sorted({n.onset for n in notes}) == [0, 192, 384, 576]
    assert len({n.pitch for n in notes if n.onset < 384}) == 3
    assert all(n.end <= 768 for n in notes)


def test_the_voicing_follows_the_chord_before():
    high = tuple(Note(-192, 192, p, channel=4) for p in (60, 64, 67))
    low = tuple(note.transposed(-12) for note in high)
    after = [
        KIND.decode(frames_of([F], SCORE, 64), with_harmony(SCORE, before), RNG(0))["harmony"]
        for before in (high, low)
    ]
    assert min(n.pitch for n in after[0]) > min(n.pitch for n in after[1])


def test_slow_harmony_has_a_chord_a_bar_at_most():
    slow = dataclasses.replace(SCORE, style="slow")
    notes = KIND.decode(frames_of([C, F, G7, A_MINOR] * 4, slow, 4), slow, RNG(0))["harmony"]
    assert {n.onset for n in notes} == {0, 192, 384, 576}
    assert {n.pitch % 12 for n in notes} == {0, 4, 7}


def test_off_beats_and_silence_change_nothing():
    frames = frames_of([C] * 64, SCORE, 1)
    frames[3] = frames_of([G7], SCORE, 1)
    frames[20:24, 1] = 0
    notes = KIND.decode(frames, SCORE, RNG(0))["harmony"]
    assert {n.pitch % 12 for n in notes} == {0, 4, 7}
    assert sum(n.duration for n in notes) == 3 * 768


def test_the_past_does_not_hear_the_phrase_after_it():
    past = tuple(n.moved(-768) for n in TUNE)
    score = Score({"lead": past + TUNE}, 768, 192, 48, 768, (768,))
    silent = dataclasses.replace(score, parts={"lead": past})
    before, without = (KIND.context(s, -192, 16) for s in (score, silent))
    assert key_of(score) == key_of(silent)
    assert (before == without).all()
    alone = KIND.context(dataclasses.replace(SCORE, tune_style=""), 576, 16)
    flags = alone.shape[1] - 20
    assert np.allclose(before[:, :flags], alone[:, :flags])


@pytest.mark.parametrize("length", [8, 12 * 7 + 5, 144, 216])
def test_any_length_and_meter(length):
    score = Score({"lead": (Note(0, length, 61),)}, length, 216, 72, closing=True)
    count = length // 12
    context = KIND.context(score, length % 12, count)
    assert context.shape == (count, KIND.context_width)
    assert np.isfinite(context).all()
    if count:
        frames = frames_of([C], score, count)
        notes = KIND.decode(frames, score, RNG(0))["harmony"]
        assert min(n.onset for n in notes) == length % 12
        assert max(n.end for n in notes) == length


def test_rules_tell_good_chords_from_bad_ones():
    closing = dataclasses.replace(SCORE, closing=True)
    good, bad = KIND.rules(
        [
            frames_of([C, C, G7, G7, C, C, G7, C], closing, 8),
            frames_of([F + 1, G7, C + 1, G7], closing),
        ],
        closing,
    )
    assert names(good)["ends_on_tonic"].passed
    assert names(good)["opening"].passed
    assert not names(bad)["ends_on_tonic"].passed
    assert names(good)["chord_tones"].value > names(bad)["chord_tones"].value
    assert sum(rule.passed for rule in good) > sum(rule.passed for rule in bad)
    held = dataclasses.replace(SCORE, parts={"lead": (Note(0, 192, 65), *TUNE[8:10])})
    assert names(KIND.rules([frames_of([C] * 4, held)], held)[0])["clashes"].value == 1
    silence = names(KIND.rules([np.zeros((64, 3), int)], SCORE)[0])
    assert not silence["silence"].passed


def test_keys_are_found():
    minor = tuple(Note(48 * i, 48, p) for i, p in enumerate((69, 71, 72, 69, 76, 74, 72, 71, 69)))
    assert key_of(Score({"lead": minor}, 432, 192, 48, closing=True)) == Key(9, minor=True)
    assert key_of(SCORE) == Key(0)
    assert key_of(Score({}, 768, 192, 48)) == Key(0)
