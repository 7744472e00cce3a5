import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from stream.compose.polyphony.chorale_frames import CHORALE
from stream.compose.polyphony.lead_frames import HEADS, LeadFrames
from stream.compose.polyphony.roll_frames import END, PIANOROLL, SLOTS, listed, roll
from stream.music.note import Note

LEAD, BAND = LeadFrames(HEADS[0], 12), LeadFrames(HEADS[1], 4)
ABSOLUTE = CHORALE, PIANOROLL
"""Kinds whose frames say all that sounds."""
KINDS = *ABSOLUTE, LEAD, BAND


@st.composite
def sequences(draw, kinds=KINDS):
    """A kind, and any tokens that its heads have, in any order."""
    kind = draw(st.sampled_from(kinds))
    few = draw(st.booleans())
    rows = draw(st.integers(0, 24))
    columns = [
        arrays.arrays(np.int64, rows, elements=(st.integers(0, 3) if few else st.nothing())
                      | st.integers(size - 3 if few else 0, size - 1))
        for size in kind.heads
    ]  # fmt: skip
    return kind, np.stack([draw(column) for column in columns], 1)


@given(sequences(ABSOLUTE))
def test_whatever_the_tokens_every_note_ends_and_none_is_doubled(found):
    kind, frames = found
    notes = kind.decode(frames)
    end = len(frames) * kind.ticks
    assert [n.onset for n in notes] == sorted(n.onset for n in notes)
    lines = {}
    for note in notes:
        assert note.duration > 0
        assert 0 <= note.onset < note.end <= end
        lines.setdefault((note.channel, note.pitch), []).append(note)
    for line in lines.values():
        # Held, not struck again: between two notes of a pitch there is at least a frame.
        assert all(a.end < b.onset for a, b in itertools.pairwise(line))
    channels = {channel for channel, _ in lines}
    assert channels <= (set(range(4)) if kind is CHORALE else {0})


@given(sequences(ABSOLUTE))
def test_what_sounds_is_what_the_tokens_say(found):
    kind, frames = found
    heard = [set() for _ in frames]
    for note in kind.decode(frames):
        for at in range(note.onset, note.end, kind.ticks):
            heard[at // kind.ticks].add((note.channel, note.pitch))
    for frame, there in zip(frames.tolist(), heard, strict=True):
        if kind is CHORALE:
            said = {(part, 27 + c) for part, c in enumerate(frame) if c}
        else:
            said = {(0, 21 + c) for c in itertools.takewhile(lambda c: c != END, frame)}
        assert said == there


@given(sequences(ABSOLUTE))
def test_notes_are_the_frames_again(found):
    kind, frames = found
    again = kind.encode(kind.decode(frames), len(frames))
    if kind is CHORALE:
        np.testing.assert_array_equal(again, frames)
    else:
        # In the order in which a piano's frame is told, and no pitch twice.
        np.testing.assert_array_equal(again, listed(roll(frames)))
        np.testing.assert_array_equal(kind.encode(kind.decode(again), len(again)), again)


@given(sequences(ABSOLUTE))
def test_notes_of_a_phrase_cut_anywhere_are_its_frames(found):
    """Two phrases, one behind the other, are what they were as one."""
    kind, frames = found
    cut = len(frames) // 3
    ahead = cut * kind.ticks
    later = [n.moved(ahead) for n in kind.decode(frames[cut:])]
    again = kind.encode([*kind.decode(frames[:cut]), *later], len(frames))
    np.testing.assert_array_equal(kind.pitches(again).sum(1), kind.pitches(frames).sum(1))


def test_held_notes_are_tied():
    frames = np.array([[40, 30, 0, 1], [40, 31, 0, 1], [40, 30, 5, 0], [41, 30, 5, 1]])
    assert CHORALE.decode(frames) == (
        Note(0, 36, 67, channel=0),
        Note(0, 12, 57, channel=1),
        Note(0, 24, 28, channel=3),
        Note(12, 12, 58, channel=1),
        Note(24, 24, 57, channel=1),
        Note(24, 24, 32, channel=2),
        Note(36, 12, 68, channel=0),
        Note(36, 12, 28, channel=3),
    )


def test_a_piano_ends_its_frames():
    nothing = [END] * SLOTS
    frames = np.array([[60, 40, *nothing[2:]], [60, END, 40, *nothing[3:]], nothing])
    assert PIANOROLL.decode(frames) == (Note(0, 48, 81), Note(0, 24, 61))
    assert PIANOROLL.pitches(frames).sum(1).tolist() == [142, 81, 0]


def test_of_too_many_keys_the_highest_sound():
    keys = np.zeros((1, 88), bool)
    keys[0, :20] = True
    assert listed(keys).tolist() == [list(range(19, 7, -1))]


@pytest.mark.parametrize(
    ("pitches", "parts"),
    [
        ([60], [60, 0, 0, 0]),
        ([48, 64, 55], [64, 55, 48, 0]),
        ([40, 50, 60, 70, 80], [80, 70, 60, 40]),
        ([20, 100], [88, 32, 0, 0]),
    ],
)
def test_anybodys_chord_in_four_parts(pitches, parts):
    notes = [Note(1, 25, p, channel=9) for p in pitches]
    found = CHORALE.arrange(notes, 3)
    frame = [p and p - 27 for p in parts]
    assert found.tolist() == [frame, frame, [0, 0, 0, 0]]


@given(
    st.integers(-300, 300), st.integers(1, 300), st.integers(0, 127), st.integers(0, 3),
    st.sampled_from(KINDS), st.integers(0, 9),
)  # fmt: skip
def test_any_note_finds_a_place_or_is_outside(onset, duration, pitch, channel, kind, count):
    for make in (kind.encode, kind.arrange):
        found = make([Note(onset, duration, pitch, channel=channel)], count)
        assert found.shape == (count, len(kind.heads))
        assert ((found >= 0) & (found < kind.heads)).all()
