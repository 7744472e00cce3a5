import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.midi_in.call_listener import MOST_NOTES, CallListener, live


def on(pitch, channel=0, velocity=80):
    return bytes([0x90 | channel, pitch, velocity])


def off(pitch, channel=0):
    return bytes([0x80 | channel, pitch, 0])


def said(listener, timed, until=None):
    """Return the commands of a listener, and their times."""
    commands = []
    for time, data in [*timed, *([(until, None)] if until is not None else [])]:
        while listener.deadline is not None and listener.deadline < time:
            now = listener.deadline
            commands += [(now, command) for command in listener.due(now)]
        if data:
            commands += [(time, command) for command in listener.message(time, data)]
    return commands


CALL = [(10.0, on(60)), (10.5, off(60)), (10.5, on(64, velocity=90)), (11.0, off(64))]
A_CALL = {"call": {"notes": [[10.0, 0.5, 60, 80], [10.5, 0.5, 64, 90]], "end": 11.0}}


def test_a_call_is_answered_when_it_has_ended():
    assert said(CallListener("answer"), CALL, until=20.0) == [
        (10.0, {"play": False}),
        (11.6, A_CALL),
        (11.6, {"play": True}),
    ]


def test_a_duet_plays_on():
    assert said(CallListener("duet"), CALL, until=20.0) == [(11.6, A_CALL)]


def test_a_duet_is_primed_by_every_phrase_and_a_seed_is_sown_once():
    twice = [*CALL, *((time + 10, data) for time, data in CALL)]
    assert [time for time, _ in said(CallListener("duet"), twice, until=40.0)] == [11.6, 21.6]
    assert said(CallListener("seed"), twice, until=40.0) == [(11.6, A_CALL)]


def test_off_sends_nothing():
    assert said(CallListener("off"), CALL, until=20.0) == []


def test_the_pause_is_a_beat_of_slow_music():
    listener = CallListener("duet")
    listener.phrases.bpm = 60.0
    assert said(listener, CALL, until=20.0) == [(12.0, A_CALL)]


def test_music_that_was_paused_before_is_not_resumed():
    listener = CallListener("answer")
    listener.playing = False
    assert said(listener, CALL, until=20.0) == [(11.6, A_CALL)]


def test_a_note_that_is_held_makes_the_phrase_longer():
    timed = [(0.0, on(48)), (0.1, on(60)), (0.2, off(60)), (5.0, off(48))]
    assert said(CallListener("duet"), timed, until=20.0) == [
        (5.6, {"call": {"notes": [[0.0, 5.0, 48, 80], [0.1, 0.1, 60, 80]], "end": 5.0}})
    ]


def test_a_hanging_note_ends_after_eight_seconds():
    assert said(CallListener("duet"), [(1.0, on(60))], until=20.0) == [
        (9.6, {"call": {"notes": [[1.0, 8.0, 60, 80]], "end": 9.0}})
    ]


def test_a_note_struck_again_ends_the_one_before_and_no_velocity_is_an_end():
    timed = [(0.0, on(60)), (0.5, on(60)), (0.75, on(60, velocity=0)), (0.8, off(60))]
    assert said(CallListener("duet"), timed, until=20.0) == [
        (1.35, {"call": {"notes": [[0.0, 0.5, 60, 80], [0.5, 0.25, 60, 80]], "end": 0.75}})
    ]


def test_drums_are_ignored():
    assert said(CallListener("answer"), [(0.0, on(36, channel=9)), (1.0, off(36, 9))], 20.0) == []


def test_a_release_ends_the_notes():
    listener = CallListener("duet")
    said(listener, [(0.0, on(60))])
    listener.phrases.release(2.0)
    assert said(listener, [], until=20.0) == [
        (2.6, {"call": {"notes": [[0.0, 2.0, 60, 80]], "end": 2.0}})
    ]


def test_an_endless_phrase_keeps_its_last_notes():
    timed = [(k / 10, data) for k in range(2000) for data in (on(k % 128), off(k % 128))]
    ((_, command),) = said(CallListener("duet"), timed, until=1000.0)
    notes = command["call"]["notes"]
    assert len(notes) == MOST_NOTES
    assert notes[-1] == [199.9, 0.01, 1999 % 128, 80]


message = st.builds(bytes, st.tuples(st.integers(0x80, 0x9F), *[st.integers(0, 127)] * 2))


@pytest.mark.parametrize("answer", ["answer", "duet", "seed", "off"])
@given(timed=st.lists(st.tuples(st.floats(0, 2), message)))
def test_the_music_always_goes_on_in_the_end(timed, answer):
    listener, time, commands = CallListener(answer), 0.0, []
    for pause, data in timed:
        time += pause
        commands += [*listener.due(time), *listener.message(time, data)]
    commands += [*listener.due(time + 100), *listener.due(time + 200)]
    plays = [command["play"] for command in commands if "play" in command]
    assert plays == [False, True] * (len(plays) // 2)
    assert listener.deadline is None
    for call in (command["call"] for command in commands if "call" in command):
        assert all(duration > 0 for _, duration, *_ in call["notes"])
        assert call["notes"] == sorted(call["notes"])
        assert call["end"] <= time + 8.001


def test_a_band_that_follows_hears_each_note_at_once():
    listener = CallListener("accompany")
    assert listener.message(1.0, bytes((0x91, 60, 90))) == [live(1.0, 60, 90)]
    assert listener.message(1.1, bytes((0x99, 36, 90))) == []
    assert listener.message(1.2, bytes((0x92, 64, 70))) == [live(1.2, 64, 70)]
    assert listener.message(1.5, bytes((0x91, 60, 0))) == [live(1.5, 60, 0)]
    assert listener.message(1.6, bytes((0x81, 60, 0))) == []
    assert listener.deadline is None
    assert listener.release(2.0) == [live(2.0, 64, 0)]
    assert listener.release(2.1) == []
