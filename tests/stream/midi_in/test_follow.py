import dataclasses
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.midi_in.follow import LOST_SECONDS, Follower
from stream.note import TICKS_PER_BEAT
from stream.play.line import Line
from tests.data.stage import SESSION, Stage

CLOCK, START, CONTINUE, STOP = b"\xf8", b"\xfa", b"\xfb", b"\xfc"
TICK = 0.5 / 24
"""At 120 bpm."""


def clocks(count, begin=0.0, tick=TICK):
    return [(begin + k * tick, CLOCK) for k in range(count)]


def song_position(sixteenths):
    return bytes([0xF2, sixteenths & 127, sixteenths >> 7])


def told(messages, follower=None):
    """Everything that the messages lead to, rounded."""
    follower = follower or Follower()
    return [rounded(c) for time, data in messages for c in follower.message(time, data)]


def rounded(value):
    if isinstance(value, dict):
        return {name: rounded(member) for name, member in value.items()}
    return round(value, 6) if isinstance(value, float) else value


def line(time, beat, bpm=120.0):
    return {"follow": rounded({"time": time, "beat": beat, "bpm": bpm})}


def test_the_first_clock_after_start_is_beat_0():
    assert told([(9.0, START), *clocks(25, 10.0)]) == [
        {"start": 10.0},
        line(10.125, 0.25),
        line(10.25, 0.5),
        line(10.375, 0.75),
        line(10.5, 1.0),
    ]


def test_clocks_before_start_tell_the_tempo_from_its_first_beat_on():
    follower = Follower()
    told(clocks(48), follower)
    begin = 48 * TICK
    assert told([(begin - 0.001, START), *clocks(7, begin)], follower) == [
        {"start": 1.0},
        line(1.0, 0.0),
        line(1.125, 0.25),
    ]


def test_a_start_in_the_middle_begins_anew_where_it_is():
    follower = Follower()
    told([(0.0, START), *clocks(100)], follower)
    begin = 99 * TICK + 0.6 * TICK
    assert told([(begin - 0.001, START), *clocks(7, begin)], follower) == [
        {"start": round(begin, 6)},
        line(begin, 0.0),
        line(begin + 6 * TICK, 0.25),
    ]


def test_continue_goes_on_from_where_it_was_stopped():
    messages = [(0.0, START), *clocks(36), (0.74, STOP), *clocks(48, 36 * TICK)]
    messages += [(1.745, CONTINUE), *clocks(7, 84 * TICK)]
    follower = Follower()
    lines = told(messages, follower)
    assert lines[-4:] == [
        {"stop": True},
        {"continue": 1.75},
        line(1.75, 1.5),
        line(1.875, 1.75),
    ]


def test_song_position_says_where_continue_begins():
    messages = [*clocks(48), (1.0, STOP), (1.1, song_position(300)), (1.2, CONTINUE)]
    assert told([*messages, *clocks(1, 1.3)])[-2:] == [{"continue": 1.3}, line(1.3, 75.0)]


def test_a_song_position_while_it_plays_waits_for_continue():
    messages = [(0.0, START), *clocks(25), (0.501, song_position(300)), *clocks(24, 25 * TICK)]
    follower = Follower()
    assert told(messages, follower)[-1] == line(2.0 / 2, 2.0)
    begin = 49 * TICK
    assert told([(begin - 0.001, CONTINUE), *clocks(1, begin)], follower) == [
        {"continue": round(begin, 6)}, line(begin, 75.0),
    ]  # fmt: skip


def test_a_song_position_serves_once():
    messages = [*clocks(48), (1.0, STOP), (1.1, song_position(300)), (1.2, CONTINUE)]
    messages += [*clocks(25, 1.3), (1.81, STOP), (1.85, CONTINUE), *clocks(1, 1.9)]
    assert told(messages)[-3:] == [{"stop": True}, {"continue": 1.9}, line(1.9, 75 + 25 / 24)]


def test_start_forgets_the_song_position():
    messages = [*clocks(48), (1.0, STOP), (1.1, song_position(300)), (1.2, START)]
    assert told([*messages, *clocks(1, 1.3)])[-2:] == [{"start": 1.3}, line(1.3, 0.0)]


def test_stop_is_told_once_and_clocks_after_it_say_nothing():
    assert told([(0.0, STOP), (0.1, STOP), *clocks(100, 1.0)]) == [{"stop": True}]


def test_clocks_without_start_tell_their_tempo():
    assert told(clocks(13)) == [line(0.125, 0.25), line(0.25, 0.5)]


def test_a_new_tempo_is_told_within_half_a_beat():
    follower = Follower()
    told([(0.0, START), *clocks(97)], follower)
    quick = 60 / 140 / 24
    assert told(clocks(12, 2.0 + quick, quick), follower) == [
        line(2.0 + 7 * quick, (96 + 7) / 24, 140.0)
    ]


def test_a_drop_out_holds_the_tempo_and_its_return_makes_no_jump():
    follower = Follower()
    told([(0.0, START), *clocks(97)], follower)
    lost = 2.0 + LOST_SECONDS
    assert follower.deadline == pytest.approx(lost)
    assert follower.due(lost - 0.001) == []
    assert follower.due(follower.deadline) == [
        {"notice": "no MIDI clock any more; going on at 120.0 bpm"}
    ]
    assert follower.deadline is None
    assert told(clocks(1, 96 * TICK + 2.5), follower) == [
        {"notice": "the MIDI clock is back"},
        line(4.5, 9.0),
    ]


def test_a_tempo_nobody_plays_at_is_refused_once():
    assert told(clocks(100, tick=60 / 400 / 24)) == [
        {"notice": "the MIDI clock runs at 400 bpm; set it to 20 to 300"}
    ]


transport = st.sampled_from([CLOCK, START, CONTINUE, STOP, song_position(5)])


@given(st.lists(st.tuples(st.floats(0, 1), transport)))
def test_no_order_of_messages_upsets_it(pauses):
    follower, time = Follower(), 0.0
    for pause, data in pauses:
        time += pause
        follower.due(time)
        for command in follower.message(time, data):
            assert set(command) <= {"start", "continue", "stop", "follow", "notice"}


def shaky(bpm, beats, seed):
    """A clock that comes up to 3 ms early or late from a second after the stage was set, on."""
    shake = random.Random(seed)
    begin, tick = 102.0, 60 / bpm / 24
    came = [begin + k * tick + shake.uniform(-0.003, 0.003) for k in range(24 * beats)]
    return begin, [(came[0] - 0.001, START), *((time, CLOCK) for time in came)]


def obey(performance, command):
    for name, value in command.items():
        if name == "start":
            performance.transport.start(value)
        elif name == "follow":
            performance.supply.tempo = value["bpm"]
            line = Line(value["time"], value["beat"] * TICKS_PER_BEAT, value["bpm"])
            performance.transport.follow(line)


def played_to(messages):
    """When (s) the notes of a player begin that follows these messages, as soon as it may hear."""
    stage, follower = Stage(dataclasses.replace(SESSION, clock="follow")), Follower()
    stage.run(1.0)
    for time, data in messages:
        stage.run(max(time - stage.clock.now, 0.0))
        while not stage.performance.listens():
            stage.run(0.001)
        for command in follower.message(time, data):
            obey(stage.performance, command)
        stage.performance.step()
    return [time for time, message in stage.tapes[0].sent if message.type == "note_on"]


@pytest.mark.parametrize("bpm", [40, 60, 90, 120, 170, 240])
@pytest.mark.parametrize("seed", range(2))
def test_after_four_beats_of_a_shaky_clock_all_notes_come_within_two_milliseconds(bpm, seed):
    begin, messages = shaky(bpm, 20, f"{bpm} {seed}")
    beats = [(time - begin) * bpm / 60 for time in played_to(messages)]
    late = [(beat - round(2 * beat) / 2) * 60 / bpm for beat in beats if beat > 3.9]
    # Quavers, but for the half note at the end of each phrase.
    assert len(late) > 20
    assert max(map(abs, late)) < 0.002
