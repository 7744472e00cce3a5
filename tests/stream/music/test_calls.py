from hypothesis import given
from hypothesis import strategies as st

from stream.music.call import MOST_CALLED, PAUSE, Calls
from stream.music.note import Note


@given(st.lists(st.integers(1, 100), min_size=1, max_size=12))
def test_calls_are_remembered_on_one_time_line(sizes):
    calls, played = Calls(), []
    for size in sizes:
        notes = tuple(Note(48 * (i - size), 40, 60 + len(played) % 9) for i in range(size))
        call = calls.add(notes, 48 * size, 100.0)
        assert [n.pitch for n in call.before] == played[-MOST_CALLED:]
        onsets = [n.onset for n in (*call.before, *call.notes)]
        assert onsets == sorted(set(onsets))
        assert all(n.onset <= -call.ticks - PAUSE for n in call.before)
        played += [n.pitch for n in notes]
