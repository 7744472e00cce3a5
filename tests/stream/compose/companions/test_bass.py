"""The bass: its frames mean the same line in every key, and its rules measure it."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.companions.accompaniment.chord_spans import chord_spans
from stream.compose.companions.bass import KIND, STRIKE
from stream.compose.companions.companion import previous
from stream.compose.companions.score import Score
from stream.music.note import Note
from tests.stream.compose.companions.band_scores import cadence, chord_class, harmony, scores

RNG = np.random.default_rng(0)


def with_bass(score, notes):
    return dataclasses.replace(score, parts={**score.parts, "bass": tuple(notes)})


def frames_like(draw, kind, count):
    heads = [draw(st.lists(st.integers(0, c - 1), min_size=count, max_size=count))
             for c in kind.heads]  # fmt: skip
    return np.array(heads, np.int64).T.reshape(count, len(kind.heads))


@st.composite
def lines(draw):
    """Lines of the cadence on the grid, one note at a time."""
    turns = sorted(draw(st.sets(st.integers(0, 64), min_size=2)))
    pitches = draw(st.lists(st.integers(36, 60), min_size=len(turns), max_size=len(turns)))
    return [
        Note(12 * a, 12 * (b - a), pitch)
        for a, b, pitch in zip(turns, turns[1:], pitches, strict=False)
    ]


@given(lines())
def test_a_line_is_known_again(line):
    # Octaves beyond the nearest one, or the next ones to it, are not told apart.
    line = [n for i, n in enumerate(line) if not i or abs(n.pitch - line[i - 1].pitch) < 13]
    score = cadence(low=36, high=60)
    frames = KIND.encode(with_bass(score, line), 0, 64)
    found = KIND.decode(frames, score, RNG)["bass"]
    assert [(n.onset, n.end) for n in found] == [(n.onset, n.end) for n in line]
    assert [n.pitch % 12 for n in found] == [n.pitch % 12 for n in line]


def test_octaves_follow_the_line():
    line = [Note(96 * i, 96, pitch) for i, pitch in enumerate((38, 50, 48, 43, 31, 33, 45, 33))]
    score = cadence(low=28, high=55)
    frames = KIND.encode(with_bass(score, line), 0, 64)
    assert [n.pitch for n in KIND.decode(frames, score, RNG)["bass"]] == [n.pitch for n in line]


@given(st.data())
def test_any_frames_are_notes_of_the_instrument(data):
    score = data.draw(scores())
    frames = frames_like(data.draw, KIND, score.length // 12)
    notes = KIND.decode(frames, score, RNG)["bass"]
    assert len(notes) == (chord_spans(score) != ()) * (frames[:, 0] == STRIKE).sum()
    for note, after in zip(notes, [*notes[1:], None], strict=False):
        assert 0 <= note.onset < note.end <= (after.onset if after else score.length)
        assert score.low <= note.pitch <= score.high
        assert 1 <= note.velocity <= 127
    assert len(KIND.rules([frames], score)) == 1


@pytest.mark.parametrize("semitones", range(12))
def test_every_key_is_the_same(semitones):
    score = with_bass(cadence(), [Note(0, 96, 38), Note(96, 96, 45), Note(192, 192, 43)])
    moved = dataclasses.replace(
        score, parts={r: tuple(n.transposed(semitones) for n in p) for r, p in score.parts.items()}
    )
    heard, there = KIND.context(score, 0, 64), KIND.context(moved, 0, 64)
    assert heard.shape == (64, KIND.context_width)
    # The register of the lead moves.
    different = np.flatnonzero(np.abs(heard - there).max(0) > 1e-6)
    assert len(different) <= 1
    frames, others = KIND.encode(score, 0, 64), KIND.encode(moved, 0, 64)
    assert (frames[:, :2] == others[:, :2]).all()


def test_a_phrase_hears_the_same_before_and_after_it_is_past():
    """What a companion heard of a phrase is what primes it in the next one."""
    score = with_bass(cadence(past=768, phrase_lengths=(768,)), [])
    past = {r: tuple(n.moved(-768) for n in p) for r, p in score.parts.items()}
    both = dataclasses.replace(score, parts={r: (*past[r], *p) for r, p in score.parts.items()})
    before = previous(both)
    alone = dataclasses.replace(score, past=0, phrase_lengths=())
    assert (KIND.context(before, 0, 64) == KIND.context(alone, 0, 64)).all()


def test_nothing_after_the_phrase_and_nothing_of_its_own_is_heard():
    score = cadence()
    heard = KIND.context(with_bass(score, [Note(0, 48, 40)]), 0, 64)
    assert (heard == KIND.context(score, 0, 64)).all()


def test_rules_measure_a_line():
    chords = [(0, 192, chord_class(0)), (192, 384, chord_class(7))]
    score = Score({"harmony": harmony(chords)}, 384, 192, 48, closing=True, low=28, high=55)
    good = [Note(0, 96, 36), Note(96, 96, 43), Note(192, 96, 31), Note(288, 96, 31)]
    bad = [Note(0, 48, 40), Note(300, 84, 50)]
    table = [
        KIND.rules([KIND.encode(with_bass(score, line), 0, 32)], score)[0] for line in (good, bad)
    ]
    assert all(rule.passed for rule in table[0])
    broken = {rule.name: rule.value for rule in table[1] if not rule.passed}
    assert broken == {"silence": 1.312, "roots_on_downbeats": 0.0, "wide_leaps": 1.0,
                      "rhythm_likeness": 0.0, "last_root": 0.0}  # fmt: skip
