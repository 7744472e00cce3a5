import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.polyphony import voicing
from stream.compose.polyphony.lead_frames import HEADS, LeadFrames
from stream.music.note import Note
from tests.stream.compose.polyphony.test_frames import BAND, LEAD, sequences

C, G7, AM7, C6 = 1, 1 + 24 + 7, 1 + 36 + 9, 1 + 108
LEADS = sequences((LEAD, BAND))


def told(kind, frames, before=None):
    """The frames as the voice is told them, one after another."""
    sounding = np.zeros((1, len(kind.heads)), np.int64) if before is None else before[None]
    rows = []
    for at, frame in enumerate(frames):
        row, sounding = kind.corrected(at, frame[None], sounding)
        rows.append(row[0])
    return np.array(rows, np.int64).reshape(frames.shape)


@given(LEADS, st.integers(0, 9))
def test_whatever_the_tokens_every_note_ends_and_none_is_doubled(found, bar):
    kind, frames = found
    notes = kind.decode(frames, bar)
    end = len(frames) * kind.ticks
    assert [n.onset for n in notes] == sorted(n.onset for n in notes)
    lines = {}
    for note in notes:
        assert note.duration > 0
        assert 0 <= note.onset < note.end <= end
        # Melody and bass have one note at a time, chords one of a pitch.
        key = (note.channel, note.pitch) if note.channel == 1 else note.channel
        lines.setdefault(key, []).append(note)
    for line in lines.values():
        assert all(a.end <= b.onset for a, b in itertools.pairwise(line))
    assert {n.channel for n in notes} <= set(range(len(kind.heads)))


@given(LEADS, st.integers(0, 9))
def test_notes_are_the_frames_again(found, bar):
    """As they are told to the voice: so a composer that starts anew hears the same."""
    kind, frames = found
    heard = told(kind, frames)
    again = kind.encode(kind.decode(heard, bar), len(heard))
    np.testing.assert_array_equal(again, heard)
    np.testing.assert_array_equal(told(kind, heard), heard)


@given(LEADS, st.integers(0, 24), st.integers(0, 9))
def test_phrases_are_the_frames_of_their_tune(found, cut, bar):
    """Each decoded by itself, though what sounds at the end of one goes on in the next."""
    kind, frames = found
    first = told(kind, frames[:cut])
    second = told(kind, frames[cut:], kind.sustained(first))
    ahead = len(first) * kind.ticks
    later = [n.moved(ahead) for n in kind.decode(second, bar)]
    tune = np.concatenate([first, second])
    again = kind.encode([*kind.decode(first, bar), *later], len(tune))
    np.testing.assert_array_equal(again, tune)


@given(LEADS)
def test_what_sounds_is_what_is_decoded(found):
    kind, frames = found
    heard = [set() for _ in frames]
    for note in kind.decode(frames):
        for at in range(note.onset, note.end, kind.ticks):
            heard[at // kind.ticks].add(note.pitch)
    assert [set(row) - {0} for row in kind.pitches(frames).tolist()] == heard


def test_melody_chords_and_bass():
    frames = np.array([[53, C, 29], [0, C, 0], [1, G7, 0], [0, 0, 1], [55, C, 0], [55, C, 24]])
    bars = LeadFrames(HEADS[1], 6).decode(frames, 5)
    chord = [n for n in bars if n.channel == 1]
    assert [n for n in bars if n.channel == 0] == [
        Note(0, 12, 72),
        Note(24, 6, 74),
        Note(30, 6, 74),
    ]
    assert [n for n in bars if n.channel == 2] == [
        Note(0, 18, 48, channel=2), Note(30, 6, 43, channel=2)
    ]  # fmt: skip
    # Struck where it changes, and on the bar line a bar before the end.
    spans = sorted({(n.onset, n.duration) for n in chord})
    assert spans == [(0, 6), (6, 6), (12, 6), (24, 12)]
    assert {n.pitch % 12 for n in chord if n.onset == 12} == {7, 11, 2, 5}


def test_a_phrase_begins_with_what_goes_on():
    before = LEAD.sustained(np.array([[53, C], [0, G7]]))
    assert before.tolist() == [53, 0]
    tokens = np.array([[0, C], [1, C], [60, C], [0, C]])
    sounding = np.array([[53, 0], [53, 0], [53, 0], [0, 0]])
    row, after = LEAD.corrected(0, tokens, sounding)
    assert row.tolist() == [[53, C], [1, C], [60, C], [0, C]]
    assert after[:, 0].tolist() == [53, 1, 60, 0]
    row, _ = LEAD.corrected(5, np.array([[0, C], [1, C]]), np.array([[53, 0], [0, 0]]))
    assert row.tolist() == [[0, C], [0, C]]


def test_anybodys_notes_are_a_melody_over_a_chord():
    notes = [Note(0, 24, 72, channel=5), Note(24, 12, 76), Note(48, 12, 79)]
    assert LEAD.arrange(notes, 5).tolist() == [[53, C], [0, C], [57, C], [1, C], [60, C]]
    chords = [Note(0, 24, p) for p in (55, 59, 62, 65, 83)]
    assert LEAD.arrange(chords, 2).tolist() == [[64, G7], [0, G7]]
    assert LEAD.arrange([], 2).tolist() == [[0, 0], [0, 0]]


def test_what_is_known_again_is_the_melody():
    frames = np.array([[0, C], [53, C], [0, C], [1, G7], [55, G7], [57, C]])
    pitch, length = LEAD.changes(frames)
    assert (pitch.tolist(), length.tolist()) == ([72, 74, 76], [3, 1, 1])
    assert LEAD.sounds(frames).tolist() == [False, True, True, False, True, True]
    assert [LEAD.end_length(frames[:n]) for n in (len(frames), 4, 1)] == [1, 3, 0]
    line = LEAD.compared_notes(frames, 0)
    assert [n.channel for n in line] == [0, 0, 0]


def test_features():
    frames = np.array([[53, C], [0, C], [54, G7], [55, G7], [1, C], [60, C], [0, 0], [1, 0]])
    found = LEAD.features(frames)
    assert found["activity"] == 4 / 8
    assert found["rests"] == 2 / 8
    assert found["leaps"] == pytest.approx((1 + 1 + 5) / 3, abs=1e-6)
    assert found["chord_changes"] == 3 / 8
    assert found["no_chord"] == 2 / 8
    # C, C over C; C sharp and D over G7, G over C.
    assert found["outside_chord"] == pytest.approx(1 / 5)
    assert found["outside_key"] == pytest.approx(1 / 6, abs=1e-6)
    assert found["chord_entropy"] == 1.5
    assert found["pitch_entropy"] == 2.0


CLASSES = st.integers(1, voicing.CLASSES - 1)


@given(CLASSES)
def test_a_chord_is_known_by_its_notes(chord):
    found = voicing.voicings(chord)
    assert found
    for pitches in found:
        assert voicing.named(pitches) == chord
        assert pitches[-1] - pitches[0] < 12
        assert {p % 12 for p in pitches} == set(voicing.pitch_classes(chord))
        assert voicing.LOWEST <= pitches[0] < pitches[-1] <= voicing.HIGHEST


@given(CLASSES)
def test_chords_move_little(one):
    """Less than two semitones a note from the one chord to any other, in the mean."""
    before = voicing.voiced(one, ())
    moves = [
        min(abs(p - q) for q in before)
        for two in range(1, voicing.CLASSES)
        for p in voicing.voiced(two, before)
    ]
    assert sum(moves) < 2 * len(moves)
    assert voicing.voiced(one, before) == before


def test_the_lowest_note_tells_chords_of_the_same_notes_apart():
    assert set(voicing.pitch_classes(C6)) == set(voicing.pitch_classes(AM7))
    assert {p[0] % 12 for p in voicing.voicings(C6)} == {0}
    assert {p[0] % 12 for p in voicing.voicings(AM7)} == {9, 4, 7}
    assert voicing.named([48, 52, 55, 57]) == C6
    assert voicing.named([45, 48, 52, 55]) == AM7
    assert voicing.named([48, 52, 55]) == voicing.named([52, 55, 60]) == C
    assert voicing.named([]) == voicing.NO_CHORD
    # A ninth, and an octave: the nearest that there is.
    assert voicing.named([43, 47, 50, 53, 57]) == G7
    assert voicing.named([48, 60]) == C
