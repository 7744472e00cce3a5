from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody.vocabulary import (
    REST,
    REST_OCTAVE,
    SIZES,
    START,
    TWELFTHS,
    decode,
    decode_pitch,
    encode,
    encode_pitch,
    nearest_class,
)
from stream.music.note import Note

UNIT = 24
QUARTER, HALF, ONE, TWO, THREE, FOUR = 0, 2, 5, 8, 9, 10
"""Duration classes, in units."""


def rest(duration):
    return REST, REST_OCTAVE, duration


@pytest.mark.parametrize(
    ("notes", "tokens"),
    [
        ([], []),
        ([(0, 24, 60)], [(0, 3, ONE)]),
        ([(0, 24, 24), (24, 48, 107)], [(0, 0, ONE), (11, 6, TWO)]),
        # Gaps are rests, the one before the first note too.
        ([(24, 24, 60)], [rest(ONE), (0, 3, ONE)]),
        ([(0, 24, 60), (72, 24, 62)], [(0, 3, ONE), rest(TWO), (2, 3, ONE)]),
        # Longer than four units: rests complete the length.
        ([(0, 120, 60), (120, 24, 62)], [(0, 3, FOUR), rest(ONE), (2, 3, ONE)]),
        ([(240, 24, 60)], [rest(FOUR), rest(FOUR), rest(TWO), (0, 3, ONE)]),
        # An overlap is cut; of simultaneous notes the later counts.
        ([(0, 48, 60), (24, 24, 62)], [(0, 3, ONE), (2, 3, ONE)]),
        ([(0, 24, 60), (0, 24, 64)], [(4, 3, ONE)]),
        # Octaves are folded into the range.
        ([(0, 24, 0), (24, 24, 127)], [(0, 0, ONE), (7, 6, ONE)]),
        # The error of one length is made up for by the next.
        ([(0, 22, 60), (22, 26, 62)], [(0, 3, ONE), (2, 3, ONE)]),
        # Nearer to nothing than to a quarter of a unit: nothing.
        ([(0, 24, 60), (24, 2, 62), (26, 22, 64)], [(0, 3, ONE), (4, 3, ONE)]),
    ],
)
def test_encode(notes, tokens):
    assert encode([Note(*note) for note in notes], UNIT) == tokens


def test_decode():
    tokens = [(0, 3, ONE), rest(TWO), (11, 6, QUARTER), (4, REST_OCTAVE, HALF), (REST, 0, ONE)]
    assert decode(tokens, UNIT) == (
        (Note(0, 24, 60), Note(72, 6, 107), Note(78, 12, 64)),
        114,
    )


@given(st.integers(24, 107))
def test_a_pitch_is_a_class_and_an_octave(pitch):
    pitch_class, octave = encode_pitch(pitch)
    assert 0 <= pitch_class < REST
    assert 0 <= octave < REST_OCTAVE
    assert decode_pitch(pitch_class, octave) == pitch


@pytest.mark.parametrize(
    ("twelfths", "duration"),
    [(0, None), (1.4, None), (1.5, 0), (3, 0), (3.6, 1), (7, 2), (7.1, 3), (12, 5), (100, 10)],
)
def test_nearest_class(twelfths, duration):
    assert nearest_class(twelfths) == duration


def test_start_is_one_past_every_head():
    assert START == SIZES == (REST + 1, REST_OCTAVE + 1, len(TWELFTHS))


@st.composite
def melodies(draw):
    """Notes in order, with gaps, none overlapping the next."""
    notes, now = [], 0
    for _ in range(draw(st.integers(1, 60))):
        now += draw(st.sampled_from([0, 0, 0, 5, 12, 24, 70, 300]))
        duration = draw(st.integers(1, 150))
        notes.append(Note(now, duration, draw(st.integers(24, 107))))
        now += duration
    return notes


@given(melodies(), st.sampled_from([12, 24, 36, 48, 96]))
def test_errors_never_add_up(notes, unit):
    played, length = decode(encode(notes, unit), unit)
    # Half the widest gap between two classes: half a unit, however long the melody.
    assert abs(length - notes[-1].onset - notes[-1].duration) <= unit / 2
    for note in played:
        assert any(n.pitch == note.pitch and abs(n.onset - note.onset) <= unit / 2 for n in notes)


@given(melodies(), st.sampled_from([12, 24, 48]))
def test_long_notes_are_all_kept_in_order(notes, unit):
    long = [n.pitch for n in notes]
    now, stretched = 0, []
    for note in notes:
        stretched.append(Note(now, note.duration + unit, note.pitch))
        now += note.duration + unit
    played, _ = decode(encode(stretched, unit), unit)
    assert [n.pitch for n in played] == long


events = st.tuples(st.integers(0, 11), st.integers(0, 6), st.integers(0, 10))


@given(st.lists(events, max_size=60), st.sampled_from([12, 24, 48]))
def test_what_was_decoded_is_encoded_alike(tokens, unit):
    played, length = decode(tokens, unit)
    assert encode(played, unit) == tokens
    assert length == sum(TWELFTHS[duration] for _, _, duration in tokens) * unit // 12
