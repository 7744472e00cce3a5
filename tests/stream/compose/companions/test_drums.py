"""Drums: frames, notes, what a drummer hears, and rules."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose.companions.drums import KIND
from stream.compose.companions.drums_grid import AGAIN, HEADS, SLOTS, SNARE
from stream.compose.companions.drums_hearing import ROWS, STYLES, places
from stream.compose.companions.score import Score
from stream.music.note import Note

PHRASE = Score({}, 4 * 192, 192, 48, bpm=100.0, style="rock")


def groove(bars=4):
    """Kick on 1 and 3, snare on 2 and 4, hi-hat in eighths."""
    notes = []
    for bar in range(bars):
        notes += [Note(bar * 192 + 24 * i, 6, 42, 70, 9, -8) for i in range(8)]
        notes += [Note(bar * 192 + 96 * i, 6, 36, 100, 9, 3) for i in range(2)]
        notes += [Note(bar * 192 + 48 + 96 * i, 6, 38, 127, 9, 12) for i in range(2)]
    return tuple(sorted(notes, key=lambda note: note.onset))


def scored(notes, **changes):
    return dataclasses.replace(PHRASE, parts={"drums": notes}, **changes)


def test_a_groove_survives_its_frames():
    frames = KIND.encode(scored(groove()), 0, 64)
    found = KIND.decode(frames, PHRASE, np.random.default_rng(0))["drums"]
    assert [(n.onset, n.pitch) for n in found] == sorted((n.onset, n.pitch) for n in groove())
    assert all(n.channel == 9 and n.end <= PHRASE.length for n in found)
    by_pitch = {n.pitch: n for n in found}
    assert min(by_pitch[38].velocity, 127) >= 106
    assert by_pitch[38].velocity == 127
    assert -10 <= by_pitch[42].offset <= -6


def canonical(rows):
    """Frames as notes have them: no offset without a hit, no other stroke without the snare."""
    frames = np.array(rows)
    for slot in range(len(SLOTS)):
        struck = frames[:, slot] > 0
        frames[:, len(SLOTS) + slot] = np.where(
            struck, np.maximum(frames[:, len(SLOTS) + slot], 1), 0
        )
    frames[:, AGAIN] = 0
    return frames


def any_frames(seed, count=64):
    rng = np.random.default_rng(seed)
    return np.stack([rng.integers(0, n, count) for n in HEADS], 1)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_any_frames_become_notes_and_frames_again(seed):
    frames = canonical(any_frames(seed))
    notes = KIND.decode(frames, PHRASE, np.random.default_rng(1))["drums"]
    assert np.array_equal(KIND.encode(scored(notes), 0, 64), frames)


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(1, 64))
def test_no_note_is_outside_the_phrase(seed, count):
    notes = KIND.decode(any_frames(seed, count), PHRASE, np.random.default_rng(1))["drums"]
    assert all(0 <= n.onset < n.end <= PHRASE.length and 1 <= n.velocity <= 127 for n in notes)
    assert list(notes) == sorted(notes, key=lambda n: (n.onset, n.pitch))


def test_a_roll_of_the_snare_keeps_its_second_stroke():
    roll = (Note(96, 6, 38, 100, 9), Note(100, 6, 38, 70, 9))
    frames = KIND.encode(scored(roll), 0, 64)
    found = KIND.decode(frames, PHRASE, np.random.default_rng(0))["drums"]
    assert frames[8, SNARE]
    assert frames[8, AGAIN]
    assert [n.pitch for n in found] == [38, 38]
    assert found[0].end <= found[1].onset


def test_the_context_hears_the_others_and_never_its_own_part():
    alone = KIND.context(PHRASE, 0, 64)
    assert alone.shape == (64, KIND.context_width)
    assert alone.dtype == np.float32
    assert np.array_equal(KIND.context(scored(groove()), 0, 64), alone)
    bass = dataclasses.replace(PHRASE, parts={"bass": (Note(48, 24, 40), Note(768, 24, 40))})
    changed = np.flatnonzero((KIND.context(bass, 0, 64) != alone).any(1))
    assert changed.tolist() == list(range(64))  # a bass plays
    later = dataclasses.replace(PHRASE, parts={"bass": (Note(768, 24, 40),)})
    assert np.array_equal(KIND.context(later, 0, 64), alone)  # nothing beyond the phrase


@pytest.mark.parametrize(
    ("bar", "beat", "length", "row"),
    [(192, 48, 768, 0), (96, 48, 384, 0), (144, 48, 576, 1), (144, 72, 576, 2), (72, 72, 288, 2)],
)
def test_places_count_back_from_the_end_of_the_phrase(bar, beat, length, row):
    score = Score({}, length, bar, beat)
    found = places(score, np.arange(-length, length, 12))
    begin = sum(ROWS[:row])
    assert found[-1] == begin + ROWS[row] - 1
    assert set(found.tolist()) == set(range(begin, begin + ROWS[row]))


def test_every_meter_and_style_has_a_context():
    for bar, beat in ((240, 48), (216, 72), (288, 72), (168, 24), (60, 48)):
        for style in (*STYLES, "", "unheard-of"):
            score = Score({}, 4 * bar, bar, beat, style=style, bpm=240.0, energy=1.0, past=bar)
            assert np.isfinite(KIND.context(score, -bar, 5 * bar // 12)).all()


def test_rules_keep_a_groove_and_refuse_silence():
    frames = KIND.encode(scored(groove()), 0, 64)
    silent = frames.copy()
    silent[16:48] = 0
    kept, broken = KIND.rules([frames, silent], PHRASE)
    assert [r.name for r in kept if not r.passed] == ["likeness"]  # a machine, not a drummer
    assert {r.name for r in broken if not r.passed} >= {"silence", "hits_a_beat"}
