"""What the companions by rule compose."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.companions.accompaniment.chord_spans import at, bar_lines, beats, chord_spans
from stream.compose.companions.rules import RULES
from stream.compose.companions.score import Score
from stream.ensembles.ensemble import COMPANIONS
from stream.music.note import Note
from stream.music.part import COMPANION_PARTS
from tests.stream.compose.companions.band_scores import (
    cadence,
    chord_class,
    harmony,
    scores,
)


def composed(name, score, seed=1):
    """The notes of a rule's only part."""
    ((role, notes),) = RULES[name].compose(score, np.random.default_rng(seed)).items()
    assert (role,) == RULES[name].roles
    return notes


@given(scores(), st.sampled_from(sorted(RULES)), st.integers(0, 99))
def test_notes_stay_within_the_phrase_and_the_range(score, name, seed):
    notes = composed(name, score, seed)
    assert notes == composed(name, score, seed)
    for note in notes:
        assert 0 <= note.onset < note.end <= score.length
        assert score.low <= note.pitch <= score.high
        assert 1 <= note.velocity <= 127
        assert note.channel == COMPANION_PARTS[RULES[name].roles[0]]
    for pitch in {note.pitch for note in notes}:
        own = [note for note in notes if note.pitch == pitch]
        assert all(a.end <= b.onset for a, b in pairwise(own))


@given(scores(), st.integers(0, 99))
def test_a_comping_rule_strikes_nothing_but_chord_tones(score, seed):
    spans = chord_spans(score)
    for name in ("block-chords", "arpeggio", "boom-chick"):
        for note in composed(name, score, seed):
            assert note.pitch % 12 in at(spans, note.onset).tones


@pytest.mark.parametrize("seed", range(20))
def test_a_walking_bass_walks(seed):
    notes = composed("walking-bass", cadence(low=28, high=57), seed)
    assert [note.onset for note in notes] == list(range(0, 768, 48))
    assert [note.pitch % 12 for note in notes[::4]] == [2, 7, 0, 9]
    leaps = [abs(b.pitch - a.pitch) for a, b in pairwise(notes)]
    assert max(leaps) <= 12
    assert sum(leap <= 2 for leap in leaps) >= 4


def test_a_calm_walking_bass_walks_in_two():
    calm = composed("walking-bass", cadence(low=28, high=57, energy=0.1))
    assert [note.onset for note in calm] == list(range(0, 768, 96))
    waltz = composed("walking-bass", cadence(144, low=28, high=57, energy=0.1))
    assert [note.onset for note in waltz] == list(range(0, 576, 144))


def test_a_tune_closes_on_a_held_root():
    notes = composed("walking-bass", cadence(low=28, high=57, closing=True))
    assert (notes[-1].onset, notes[-1].pitch % 12) == (576, 9)


def test_a_root_bass_plays_each_root_once():
    notes = composed("root-bass", cadence(low=28, high=52, energy=0.2))
    assert [(n.onset, n.pitch % 12) for n in notes] == [(0, 2), (192, 7), (384, 0), (576, 9)]


def test_a_boom_chick_leaves_the_low_notes_to_the_bass():
    alone = cadence()
    with_bass = Score({**alone.parts, "bass": (Note(0, 768, 40),)}, 768, 192, 48, low=36, high=79)
    assert {n.onset % 96 for n in composed("boom-chick", alone)} == {0, 48}
    assert {n.onset % 96 for n in composed("boom-chick", with_bass)} == {48}


def test_without_chords_all_rest():
    silent = Score({}, 768, 192, 48)
    assert not any(composed(name, silent) for name in RULES)


def test_equal_chords_are_one_span_and_past_ones_are_cut():
    c, g = chord_class(0), chord_class(7)
    score = Score({"harmony": harmony([(-96, 96, c), (96, 192, c), (192, 300, g)])}, 384, 192, 48)
    assert [(s.begin, s.end, s.chord) for s in chord_spans(score)] == [(0, 192, c), (192, 300, g)]
    assert bar_lines(score) == (0, 192)
    assert beats(Score({}, 240, 192, 48)) == (0, 48, 96, 144, 192)


def test_ensembles_know_every_rule():
    for name, rule in RULES.items():
        assert all(name in COMPANIONS[role] for role in rule.roles)
