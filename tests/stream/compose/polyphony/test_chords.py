import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.filter import note_runs
from stream.compose.polyphony.chords import changes, chords, transitions

C, F, G = [72, 64, 60, 48], [72, 65, 60, 53], [71, 67, 62, 43]
REST = [0, 0, 0, 0]


def found(*frames):
    return chords(np.array(frames, np.int64).reshape(-1, 4))


def bits(*classes):
    return sum(1 << c for c in classes)


def test_chords_last_until_another_sounds():
    got = found(C, C, REST, [60, 60, 55 - 7, 52], F, G, G)
    assert got.sets.tolist() == [bits(0, 4), bits(0, 5), bits(7, 11, 2)]
    assert got.bass.tolist() == [0, 5, 7]
    assert got.length.tolist() == [3, 1, 2]
    assert len(transitions(got)) == 2
    assert transitions(found(C, F, C, F))[0] == transitions(found(C, F, C, F))[2]


def test_silence_is_no_chord():
    for frames in ([], [REST, REST]):
        got = found(*frames)
        assert len(got.sets) == len(got.length) == len(transitions(got)) == 0
        assert [len(series) for series in changes(got)] == [0, 0]


chord = st.lists(st.integers(40, 70), min_size=4, max_size=4)


@given(st.lists(chord, min_size=1, max_size=20), st.integers(-12, 12))
def test_changes_are_the_same_in_every_key(frames, semitones):
    here = changes(found(*frames))
    moved = changes(found(*[[p + semitones for p in frame] for frame in frames]))
    np.testing.assert_array_equal(np.diff(here[0]), np.diff(moved[0]))
    np.testing.assert_array_equal(here[1], moved[1])


@given(st.lists(chord, min_size=8, max_size=12), st.data())
def test_another_chord_is_another_run(frames, data):
    """Keys of runs differ where a chord or its length does."""
    got = found(*frames)
    if len(got.sets) < 4:
        return
    at = data.draw(st.integers(0, len(frames) - 1))
    other = [list(f) for f in frames]
    other[at] = [p + 1 for p in other[at]]
    changed = found(*other)
    same = got.sets.tolist() == changed.sets.tolist() and got.bass.tolist() == changed.bass.tolist()
    one, two = (note_runs.keys(*changes(c), 3).tolist() for c in (got, changed))
    assert same or one != two


def test_lengths_count():
    one = note_runs.keys(*changes(found(C, F, F, G, C)), 3)
    two = note_runs.keys(*changes(found(C, F, G, C)), 3)
    assert one.tolist() != two.tolist()
