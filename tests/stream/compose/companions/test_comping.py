"""Comping: all notes are tones of the chord, and what was played is known again."""

import dataclasses
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.companions.accompaniment.chord_ladder import ladder
from stream.compose.companions.accompaniment.chord_spans import at, chord_spans
from stream.compose.companions.accompaniment.comping_tokens import (
    ADD,
    REST,
    STRIKE,
    pitches_of,
    tokens_of,
)
from stream.compose.companions.comping import KIND
from stream.compose.companions.score import Score
from stream.music.note import Note
from tests.stream.compose.companions.band_scores import cadence, chord_class, harmony, scores
from tests.stream.compose.companions.test_bass import frames_like

RNG = np.random.default_rng(0)


def with_comping(score, notes):
    return dataclasses.replace(score, parts={**score.parts, "comping": tuple(notes)})


@given(st.data())
def test_any_frames_are_chord_tones_of_the_instrument(data):
    score = data.draw(scores())
    frames = frames_like(data.draw, KIND, score.length // 12)
    notes = KIND.decode(frames, score, RNG)["comping"]
    spans = chord_spans(score)
    for note in notes:
        assert 0 <= note.onset < note.end <= score.length
        assert score.low <= note.pitch <= score.high
        assert 1 <= note.velocity <= 127
        for tick in range(note.onset, note.end, 12):
            span = at(spans, tick + 5)
            assert span is None or note.pitch % 12 in span.tones
        assert sum(n.onset <= note.onset < n.end for n in notes) <= 5
    for pitch in {note.pitch for note in notes}:
        own = [note for note in notes if note.pitch == pitch]
        assert all(a.end <= b.onset for a, b in pairwise(own))
    assert len(KIND.rules([frames], score)) == 1


@given(st.integers(1, 144), st.data())
def test_a_close_chord_is_known_again(chord, data):
    score = Score({"harmony": harmony([(0, 192, chord)])}, 192, 192, 48, low=36, high=83)
    tones = ladder(chord, 36, 83)
    first = data.draw(st.integers(0, len(tones) - 1))
    pitches = tones[first : first + data.draw(st.integers(1, 5))]
    (span,) = chord_spans(score)
    assert pitches_of(tokens_of(pitches, span, score), span, score, None) == pitches


def test_a_pattern_is_known_again():
    notes = [
        Note(0, 96, 38), Note(48, 48, 57), Note(48, 48, 60), Note(48, 48, 62),
        Note(192, 48, 55), Note(192, 48, 59), Note(192, 48, 62), Note(288, 96, 47),
    ]  # fmt: skip
    score = cadence(low=36, high=79)
    frames = KIND.encode(with_comping(score, notes), 0, 64)
    assert frames[[0, 4, 8, 16, 24], 0].tolist() == [STRIKE, ADD, REST, STRIKE, STRIKE]
    found = KIND.decode(frames, dataclasses.replace(score, parts={**score.parts, "lead": ()}), RNG)
    assert [(n.onset, n.end, n.pitch) for n in found["comping"]] == [
        (n.onset, n.end, n.pitch) for n in notes
    ]


def test_a_tone_beside_a_long_lead_note_is_left_out():
    lead = (Note(0, 192, 77),)
    score = Score({"harmony": harmony([(0, 192, chord_class(0))]), "lead": lead}, 192, 192, 48,
                  low=48, high=79)  # fmt: skip
    frames = np.zeros((16, 5), np.int64)
    frames[0], frames[1:, 0] = (STRIKE, 2, 0, 0, 0), 1
    assert [n.pitch for n in KIND.decode(frames, score, RNG)["comping"]] == [48, 55]


def test_rules_measure_density_and_silence():
    score = cadence(energy=0.5)
    nothing = np.zeros((64, 5), np.int64)
    everything = np.tile([STRIKE, 2, 0, 1, 0], (64, 1))
    quiet, busy = (
        {r.name: r for r in KIND.rules([each], score)[0]} for each in (nothing, everything)
    )
    assert not quiet["silence"].passed
    assert not quiet["strokes_per_beat"].passed
    assert not busy["strokes_per_beat"].passed
    assert busy["clashes"].passed


def test_the_context_hears_the_bass_and_not_itself():
    score = cadence()
    heard = KIND.context(score, 0, 64)
    assert heard.shape == (64, KIND.context_width)
    own = with_comping(score, [Note(0, 48, 60)])
    assert (KIND.context(own, 0, 64) == heard).all()
    low = dataclasses.replace(score, parts={**score.parts, "bass": (Note(0, 48, 40),)})
    assert (KIND.context(low, 0, 64) != heard).any()
