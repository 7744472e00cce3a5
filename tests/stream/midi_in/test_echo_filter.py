from hypothesis import given
from hypothesis import strategies as st

from stream.midi_in.echo_filter import CALM_SECONDS, LATEST_SECONDS, EchoFilter

OURS = [(100 + k / 4, 0, 60 + k % 7) for k in range(200)]


def heard(echo, notes):
    """The times at which an echo was first noticed."""
    times = []
    for time, channel, pitch in notes:
        before = echo.detected
        echo.note_on(time, channel, pitch)
        if echo.detected and not before:
            times.append(time)
    return times


def echo_of(notes):
    echo = EchoFilter()
    echo.add(notes)
    return echo


@given(st.floats(0, 0.055))
def test_what_comes_back_is_an_echo_from_the_sixth_note_on(delay):
    back = [(time + delay, channel, pitch) for time, channel, pitch in OURS]
    assert heard(echo_of(OURS), back) == [back[5][0]]


def test_two_strange_notes_among_eight_hide_no_echo():
    back = [(t + 0.02, c, p if k % 4 else p + 12) for k, (t, c, p) in enumerate(OURS)]
    assert len(heard(echo_of(OURS), back)) == 1


@given(st.lists(st.tuples(st.floats(99, 160), st.integers(0, 15), st.integers(0, 127))))
def test_who_plays_other_notes_is_no_echo(notes):
    strange = [n for n in sorted(notes) if n[1] != 0 or not 60 <= n[2] <= 66]
    assert heard(echo_of(OURS), strange) == []


@given(st.lists(st.floats(0.07, 0.18), min_size=150, max_size=150))
def test_who_plays_our_notes_at_other_times_is_no_echo(delays):
    notes = [(t + d, c, p) for (t, c, p), d in zip(OURS, delays, strict=False)]
    assert heard(echo_of(OURS), notes) == []


def test_after_ten_calm_seconds_it_is_over():
    echo = echo_of(OURS)
    heard(echo, OURS[:20])
    last = OURS[19][0]
    echo.note_on(last + 5, 0, 3)  # no match: no echo
    assert echo.deadline == last + CALM_SECONDS
    assert not echo.due(echo.deadline - 0.001)
    assert echo.due(echo.deadline)
    assert not echo.detected
    assert not echo.due(last + 100)


def test_notes_that_were_cut_are_not_sent():
    echo = echo_of(OURS)
    echo.cut(OURS[3][0])
    assert heard(echo, OURS) == []


def test_notes_that_were_moved_are_sent_later():
    later = [(t + 1.1, c, p) if k >= 2 else (t, c, p) for k, (t, c, p) in enumerate(OURS)]
    echo = echo_of(OURS)
    echo.move(OURS[2][0], 1.1)
    assert heard(echo, later) == [later[5][0]]


def test_an_echo_may_be_as_late_as_it_may_be():
    echo = echo_of([(0.0, 0, 60)])
    assert echo.note_on(LATEST_SECONDS, 0, 60)
