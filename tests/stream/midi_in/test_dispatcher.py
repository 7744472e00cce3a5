import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.midi_in.dispatcher import LOOP, LOOP_OVER, InputOptions, MidiDispatcher
from stream.midi_in.mapping import ControlChangeEntry, Map, ProgramChangeEntry

MAPPED = Map(
    (ControlChangeEntry(74, "temperature", None, 0.1, 3),),
    (ProgramChangeEntry(5, {"voice": "commons"}),),
)
ON, OFF = b"\x90\x3c\x50", b"\x80\x3c\x00"


def said(dispatcher, timed, until=0.0):
    """Return the commands for messages, and those that are due between them."""
    commands = []
    for time, data in [*timed, (until, b"")]:
        while dispatcher.deadline is not None and dispatcher.deadline <= time:
            commands += dispatcher.due(dispatcher.deadline)
        commands += dispatcher.message(time, data)
    return commands


@pytest.mark.parametrize("clock", ["off", "link", "send"])
def test_start_stop_and_continue_play_and_pause(clock):
    timed = [(0.0, b"\xfa"), (0.1, b"\xf8"), (1.0, b"\xfc"), (2.0, b"\xfb"), (2.1, b"\xf2\x01\x02")]
    assert said(MidiDispatcher(InputOptions(clock=clock)), timed) == [
        {"play": True}, {"play": False}, {"play": True},
    ]  # fmt: skip


def test_a_followed_clock_starts_and_stops():
    follower = MidiDispatcher(InputOptions(clock="follow"))
    received = [(0.0, b"\xfa"), (0.1, b"\xf8"), (1.0, b"\xfc")]
    assert said(follower, received) == [{"start": 0.1}, {"stop": True}]


def test_mapped_messages_request_an_answer_and_are_not_forwarded():
    dispatcher = MidiDispatcher(InputOptions(map=MAPPED, thru=True))
    timed = [(0.0, b"\xb3\x4a\x7f"), (0.1, b"\xb3\x4b\x7f"), (0.2, b"\xc0\x05")]
    assert said(dispatcher, timed) == [
        {"set": {"temperature": 3.0}, "id": 1},
        {"midi": [0xB3, 75, 127]},
        {"voice": "commons", "id": 1},
    ]


def test_a_refusal_is_shown_but_not_fifty_times_a_second():
    dispatcher = MidiDispatcher(InputOptions())
    refusal = {"answer": 1, "refused": "low 80 is above high 60; give low <= high"}
    notice = {"notice": "MIDI input: low 80 is above high 60; give low <= high"}
    assert dispatcher.event(0.0, {"answer": 1}) == []
    times = (0.0, 0.02, 1.9, 2.1)
    assert [dispatcher.event(t, refusal) for t in times] == [[notice], [], [], [notice]]


def test_notes_are_forwarded_only_with_thru():
    assert said(MidiDispatcher(InputOptions()), [(0.0, ON), (1.0, OFF)]) == []
    assert said(MidiDispatcher(InputOptions(thru=True)), [(0.0, ON), (1.0, OFF)]) == [
        {"midi": [0x90, 60, 80]}, {"midi": [0x80, 60, 0]},
    ]  # fmt: skip


def test_notes_are_ended_when_the_input_is_lost():
    dispatcher = MidiDispatcher(InputOptions(thru=True, answer="duet"))
    said(dispatcher, [(1.0, ON), (1.1, b"\x91\x40\x50"), (1.2, b"\x81\x40\x00")])
    assert dispatcher.release(2.0) == [{"midi": [0x80, 60, 0]}]
    assert said(dispatcher, [], until=9.0) == [
        {"call": {"notes": [[1.0, 1.0, 60, 80], [1.1, 0.1, 64, 80]], "end": 2.0}}
    ]


def phrase(count=40, start=100.0):
    notes = [[start + k / 4, 0.2, 60 + k % 5, 80, 0] for k in range(count)]
    return {"phrase": {"start": start, "notes": notes, "bpm": 120.0}}


def echoed(event, delay=0.02):
    timed = []
    for onset, duration, pitch, velocity, channel in event["phrase"]["notes"]:
        timed.append((onset + delay, bytes([0x90 | channel, pitch, velocity])))
        timed.append((onset + duration + delay, bytes([0x80 | channel, pitch, 0])))
    return timed


@pytest.mark.parametrize("answer", ["off", "answer", "duet", "seed"])
def test_an_echo_is_detected_and_neither_answered_nor_forwarded(answer):
    dispatcher = MidiDispatcher(InputOptions(answer=answer, thru=True))
    dispatcher.event(0.0, phrase())
    commands = said(dispatcher, echoed(phrase()), until=200.0)
    passed = [c for c in commands if "midi" in c]
    assert len(passed) == 5 + 5
    assert [c for c in commands if "midi" not in c] == [
        {"notice": LOOP},
        {"notice": LOOP_OVER},
    ]


def test_an_echo_of_forwarded_notes_dies_out():
    """Each note that is forwarded comes back 10 ms later."""
    dispatcher, time, commands = MidiDispatcher(InputOptions(thru=True)), 50.0, []
    for _ in range(1000):
        commands += dispatcher.message(time, ON)
        time += 0.01
    assert [c for c in commands if "notice" in c] == [{"notice": LOOP}]
    assert len(commands) < 20
    assert commands[-1] == {"midi": [0x80, 60, 0]}


def test_a_person_is_heard_while_the_player_plays_too():
    dispatcher = MidiDispatcher(InputOptions(answer="duet"))
    dispatcher.event(0.0, phrase())
    dispatcher.event(0.0, {"controls": {"bpm": 240, "temperature": 1.0}})
    timed = [(100.1 + k / 3, bytes([0x90, 72 + k % 3, 80])) for k in range(9)]
    timed += [(100.3 + k / 3, bytes([0x80, 72 + k % 3, 0])) for k in range(9)]
    (command,) = said(dispatcher, sorted(timed), until=200.0)
    assert len(command["call"]["notes"]) == 9


@pytest.mark.parametrize(("bpm", "pause"), [(0, 2.0), (240, 0.6)])
def test_a_call_ends_after_a_beat_of_the_tempo_that_sounds(bpm, pause):
    dispatcher = MidiDispatcher(InputOptions(answer="duet"))
    dispatcher.event(0.0, {"controls": {"bpm": bpm}})
    dispatcher.event(0.0, {"phrase": {"bpm": 30.0, "notes": []}})
    dispatcher.message(100.0, bytes([0x90, 72, 80]))
    dispatcher.message(100.5, bytes([0x80, 72, 0]))
    assert dispatcher.deadline == 100.5 + pause


def test_events_of_an_unknown_form_are_ignored():
    dispatcher = MidiDispatcher(InputOptions())
    for event in ({}, {"controls": {}}, {"playing": 3}, {"cut": "now"}, {"hello": {"voice": "x"}}):
        assert dispatcher.event(0.0, event) == []


@pytest.mark.parametrize("clock", ["off", "follow"])
@pytest.mark.parametrize("answer", ["off", "answer", "duet", "seed"])
def test_ten_thousand_random_messages(clock, answer):
    chance = random.Random(f"{clock}{answer}")
    dispatcher = MidiDispatcher(InputOptions(map=MAPPED, answer=answer, thru=True, clock=clock))
    time, known = 0.0, {"play", "set", "voice", "id", "call", "midi", "notice"}
    known |= {"start", "continue", "stop", "follow"}
    for _ in range(10_000):
        time += chance.expovariate(50)
        status = chance.choice([0x80, 0x90, 0xB0, 0xC0, 0xE0, 0xF2, 0xF8, 0xFA, 0xFB, 0xFC])
        data = bytes([status, *chance.choices(range(256), k=chance.randrange(4))])
        if chance.random() < 0.1:
            data = chance.randbytes(chance.randrange(20))
        for command in dispatcher.due(time) + dispatcher.message(time, data):
            assert set(command) <= known
    assert len(dispatcher._forwarded) <= 16 * 128


@given(st.lists(st.tuples(st.floats(0, 3), st.binary(max_size=4))))
def test_any_bytes_are_accepted(timed):
    dispatcher, time = (
        MidiDispatcher(InputOptions(map=MAPPED, answer="answer", thru=True, clock="follow")),
        0.0,
    )
    for pause, data in timed:
        time += pause
        dispatcher.due(time)
        dispatcher.message(time, data)


ENDS = {
    "note-off": b"\x80\x3c\x40",
    "note-on without velocity": b"\x90\x3c\x00",
    "all sound off": b"\xb0\x78\x00",
    "all notes off": b"\xb0\x7b\x00",
    "omni off": b"\xb0\x7c\x00",
    "omni on": b"\xb0\x7d\x00",
    "mono on": b"\xb0\x7e\x01",
    "poly on": b"\xb0\x7f\x00",
    "reset": b"\xff",
    "lost port": None,
}


def answered(dispatcher, end):
    """Return the commands for a note that ends half a second later, and their times."""
    commands = [(1.0, c) for c in dispatcher.message(1.0, b"\x90\x3c\x50")]
    ended = dispatcher.release(1.5) if end is None else dispatcher.message(1.5, end)
    commands += [(1.5, c) for c in ended]
    while (at := dispatcher.deadline) is not None and len(commands) < 9:
        commands += [(at, c) for c in dispatcher.due(at)]
    return commands


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("answer", ["answer", "duet", "seed"])
def test_whatever_ends_a_note_it_is_answered_as_after_a_note_off(end, answer):
    options = InputOptions(answer=answer)
    assert answered(MidiDispatcher(options), end) == answered(
        MidiDispatcher(options), ENDS["note-off"]
    )


@pytest.mark.parametrize(
    "end", [b"\xb1\x7b\x00", b"\xb0\x79\x00", b"\xb0\x40\x00", b"\xb0\x77\x00"]
)
def test_other_channels_and_controllers_end_no_note(end):
    said = answered(MidiDispatcher(InputOptions(answer="duet")), end)
    assert [round(at, 6) for at, command in said if "call" in command] == [9.6]


@pytest.mark.parametrize("end", [b"\xb0\x7b\x00", b"\xb0\x78\x00"])
def test_a_forwarded_note_that_has_ended_is_not_ended_again(end):
    dispatcher = MidiDispatcher(InputOptions(thru=True))
    for data in (b"\x90\x3c\x50", b"\x91\x3e\x50", end):
        assert dispatcher.message(1.0, data) == [{"midi": list(data)}]
    assert dispatcher.release(2.0) == [{"midi": [0x81, 0x3E, 0]}]
    dispatcher.message(3.0, b"\x90\x3c\x50")
    assert dispatcher.message(4.0, b"\xff") == [{"midi": [0x80, 0x3C, 0]}]


def test_notes_that_were_cut_make_no_echo():
    dispatcher = MidiDispatcher(InputOptions(thru=True))
    dispatcher.event(0.0, phrase())
    dispatcher.event(0.0, {"cut": 100.0})
    commands = said(dispatcher, echoed(phrase()), until=200.0)
    assert len(commands) == 80
    assert all("midi" in command for command in commands)


@pytest.mark.parametrize(
    "data", [b"", b"\x3c", b"\x90\xbc\x50", b"\x90\x3c\xd0", b"\x90\x3c", b"\xf0\x01\xf7"]
)
def test_invalid_bytes_are_not_forwarded(data):
    assert MidiDispatcher(InputOptions(thru=True)).message(0.0, data) == []
