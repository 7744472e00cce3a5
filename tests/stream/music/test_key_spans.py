from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.music.key_spans import spans
from stream.music.midi_track import Strike

END = 100


def paired(*strikes):
    """Spans of strikes written as a tick, negative or -0.0 for an up."""
    key = [Strike(abs(int(t)), 0, 60, down=not str(t).startswith("-")) for t in strikes]
    return list(spans(key, END))


@pytest.mark.parametrize(
    ("strikes", "notes"),
    [
        ((0, -10, 20, -30), [(0, 10), (20, 30)]),
        # The next note-on stands before the note-off of the note before, at the same tick.
        ((0, 10, -10, -20), [(0, 10), (10, 20)]),
        ((0, 10, -10, 20, -20, 30, -30, -40), [(0, 10), (10, 20), (20, 30), (30, 40)]),
        ((0, 10, -10, -20, 20, -30), [(0, 10), (10, 20), (20, 30)]),
        # It stands a little before it.
        ((0, 10, -11, -20), [(0, 10), (10, 20)]),
        ((0, 10, -11, 20, -21, 30, -31, -40), [(0, 10), (10, 20), (20, 30), (30, 40)]),
        # A note that was never ended, and one that had no end but the next.
        ((0,), [(0, END)]),
        ((0, 10, -20), [(0, 10), (10, 20)]),
        ((0, 10, -15, 20, -25), [(0, 10), (10, 15), (20, 25)]),
        ((0, -10, 20), [(0, 10), (20, END)]),
        # Ups that belong to nothing.
        ((-5, 10, -20, -30), [(10, 20)]),
        # No length, and twice at once.
        ((0, -0.0), [(0, 0)]),
        ((0, 0, -10, -10), [(0, 10)]),
        ((), []),
    ],
)
def test_which_up_belongs_to_which_down(strikes, notes):
    assert paired(*strikes) == notes


lengths = st.lists(st.integers(1, 9), min_size=1, max_size=20)


@given(lengths, st.data())
def test_repeated_notes_keep_their_lengths_however_late_they_are_released(lengths, data):
    """Each note is released at the next one's start, or later while that one is held."""
    strikes, notes, now = [], [], 0
    for i, length in enumerate(lengths):
        late = data.draw(st.integers(0, length - 1)) if i else 0
        if i:
            strikes.append(Strike(now + late, 0, 60, down=False))
        strikes.insert(-1 if i else 0, Strike(now, 0, 60, down=True))
        notes.append((now, now + length))
        now += length
    strikes.append(Strike(now, 0, 60, down=False))
    assert list(spans(strikes, now)) == notes


strikes = st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=20).map(
    lambda found: [Strike(10 * tick, 0, 60, down) for tick, down in sorted(found)]
)


@given(strikes)
def test_notes_follow_one_another_and_none_is_lost(strikes):
    notes = list(spans(strikes, END))
    assert all(0 <= begin <= end <= END for begin, end in notes)
    assert all(a[1] <= b[0] for a, b in pairwise(notes))
    assert {begin for begin, _ in notes} == {s.tick for s in strikes if s.down}
