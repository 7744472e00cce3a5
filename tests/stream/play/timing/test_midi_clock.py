"""The stream's own MIDI clock, on a virtual clock."""

import dataclasses
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.music.note import Note, Phrase
from stream.play.queue.phrase_queue import PhraseQueue
from stream.play.timing.midi_clock import MidiClock
from tests.data.stage import SESSION, Stage

CLOCKED = dataclasses.replace(SESSION, clock="send")


def phrase(bpm=120.0, length=768):
    return Phrase((Note(0, 48, 60),), length, bpm, index=0, tune=0, style="", voice="", seed=0)


def played(queue, pulse, until, step=0.5):
    sent, now = [], 0.0
    while now < until:
        now += step
        sent += pulse.due(now)
        queue.begun(now)
    return sent


def test_an_hour_at_120_has_172800_pulses_and_no_phase_error():
    queue = PhraseQueue()
    pulse = MidiClock(queue)
    sent, start = [], 1000.1
    for i in range(450):
        queue.append(phrase(), earliest=start)
        queue.begun(start + 8.0 * i)
        sent += pulse.due(start + 8.0 * (i + 1) - 1e-6)
    kinds = [timed.message.type for timed in sent]
    assert (kinds[0], kinds.count("clock"), len(kinds)) == ("start", 172_800, 172_801)
    times = [timed.time for timed in sent if timed.message.type == "clock"]
    assert times == pytest.approx([start + i / 48 for i in range(172_800)], abs=1e-9)


@given(st.lists(st.tuples(st.floats(20, 300), st.integers(1, 999)), min_size=1, max_size=9))
def test_pulses_keep_to_the_ticks_whatever_tempo_and_length(parts):
    queue = PhraseQueue()
    pulse = MidiClock(queue)
    for bpm, length in parts:
        queue.append(phrase(bpm, length), earliest=1.0)
    slots = queue.slots()
    sent = [timed.time for timed in pulse.due(queue.end) if timed.message.type == "clock"]
    ticks = sum(length for _, length in parts)
    assert len(sent) == -(-ticks // 2)
    for index, time in enumerate(sent):
        slot = next(s for s in slots if s.at <= 2 * index < s.at + s.phrase.length)
        assert time == pytest.approx(slot.time_at(2 * index - slot.at))


def kinds_and_times(stage):
    return [
        (round(time - 100.12, 6), message.type, getattr(message, "pos", None))
        for time, message in stage.tapes[0].sent
        if message.type in {"clock", "start", "stop", "continue", "songpos"}
    ]


def clocked_stage():
    stage = Stage(CLOCKED)
    for tape in stage.tapes:
        tape.clocked = True
    return stage


def test_start_comes_with_the_first_note_and_stop_after_the_last_off():
    stage = clocked_stage()
    stage.run(1.0)
    stage.performance.sender.silence()
    sent = kinds_and_times(stage)
    assert sent[:2] == [(0.0, "start", None), (0.0, "clock", None)]
    assert [time for time, kind, _ in sent if kind == "clock"] == pytest.approx(
        [i / 48 for i in range(len(sent) - 2)], abs=1e-6
    )
    assert stage.tapes[0].sent[-1][1].type == "stop"


def test_after_a_pause_it_continues_at_its_song_position():
    stage = clocked_stage()
    stage.run(2.0)
    stage.performance.pause()
    before = kinds_and_times(stage)
    stage.clock.now += 5.0
    stage.run(0.5)
    assert kinds_and_times(stage) == before
    stage.performance.transport.resume()
    stage.run(0.2)
    after = kinds_and_times(stage)[len(before) :]
    clocks = sum(kind == "clock" for _, kind, _ in before)
    kinds = [kind for _, kind, _ in after]
    # Clocks up to the next sixteenth tell the tempo alone.
    told = kinds.index("songpos")
    assert kinds[: told + 3] == ["clock"] * (-clocks % 6) + ["songpos", "continue", "clock"]
    assert after[told][2] == -(-clocks // 6)


def pause(stage, seconds):
    stage.performance.pause()
    stage.run(seconds)
    stage.performance.transport.resume()


def panic(stage, seconds):
    stage.performance.sender.silence()


def stand_still(stage, seconds):
    stage.clock.now += seconds


def out_of_phase(stage):
    """Return the pulses between eighth notes and where MIDI 1.0 puts a follower."""
    place, plays, off = 0, False, set()
    # What is sent at once is in any order.
    sent = sorted(stage.tapes[0].sent, key=lambda s: (round(s[0], 4), s[1].type == "note_on"))
    for _, message in sent:
        match message.type:
            case "start":
                place, plays = 0, True
            case "songpos":
                assert not plays
                place = 6 * message.pos
            case "continue":
                plays = True
            case "stop":
                plays = False
            case "clock":
                place += plays
            case "note_on" if plays:
                off.add((place - 1) % 12)
    return off


@pytest.mark.parametrize(("interrupt", "count"), [(pause, 1000), (panic, 100), (stand_still, 100)])
def test_whoever_follows_is_in_phase_whatever_interrupts_the_music(interrupt, count):
    chance = random.Random(interrupt.__name__)
    stage = clocked_stage()
    stage.run(1.0)
    for _ in range(count):
        interrupt(stage, chance.uniform(0.001, 2.0))
        stage.run(chance.uniform(0.05, 0.4))
    assert out_of_phase(stage) == {0}


def test_chores_are_done_between_pulses_however_fast():
    stage = Stage(
        dataclasses.replace(CLOCKED, controls=dataclasses.replace(SESSION.controls, bpm=300))
    )
    stage.run(30.0)
    assert stage.performance.stats.repeats == 0
    assert len(stage.onlooker.begun) > 5


def test_pulses_that_are_late_come_with_the_phrase_that_has_begun():
    queue = PhraseQueue()
    pulse = MidiClock(queue)
    for _ in range(2):
        queue.append(phrase(length=192), earliest=10.0)
    queue.begun(12.0)
    sent = [timed.time for timed in pulse.due(12.0) if timed.message.type == "clock"]
    assert sent == [12.0] * 97


def test_the_song_position_begins_anew_after_fourteen_bits():
    queue = PhraseQueue()
    pulse = MidiClock(queue)
    queue.append(phrase(bpm=300.0, length=12 * (2**14 + 9)), earliest=0.0)
    slot = queue.slots()[0]
    pulse.due(slot.time_at(12 * (2**14 + 5) - 1))
    pulse.stop(slot.end)
    position, *rest = (timed.message for timed in pulse.due(slot.end))
    assert (position.type, position.pos) == ("songpos", 5)
    assert [message.type for message in rest[:2]] == ["continue", "clock"]
