import itertools

from hypothesis import given
from hypothesis import strategies as st

from stream.midi_in.control_changes import SPACING_SECONDS, ControlChanges
from stream.midi_in.mapping import ControlChangeEntry, Map, ProgramChangeEntry, parse

KNOBS = Map(
    control_changes=(
        ControlChangeEntry(74, "temperature", None, 0.5, 1.5),
        ControlChangeEntry(74, "density", 2, -1, 1),
        ControlChangeEntry(1, "style:bach/jazz"),
        ControlChangeEntry(41, "play"),
        ControlChangeEntry(42, "next"),
        ControlChangeEntry(43, "panic"),
    ),
    program_changes=(
        ProgramChangeEntry(5, {"voice": "commons"}, 1),
        ProgramChangeEntry(6, {"set": {"style": "jazz"}}),
    ),
)


def cc(number, value, channel=1):
    return bytes([0xB0 | channel - 1, number, value])


def program(number, channel=1):
    return bytes([0xC0 | channel - 1, number])


def said(*messages, knobs=None):
    knobs = knobs or ControlChanges(KNOBS)
    return [command for data in messages for command in knobs.message(0.0, data)]


def test_a_knob_moves_all_that_it_is_mapped_to():
    assert said(cc(74, 127)) == [{"set": {"temperature": 1.5}}]
    assert said(cc(74, 0, channel=2)) == [{"set": {"temperature": 0.5, "density": -1}}]
    assert said(cc(1, 127)) == [{"set": {"style": "jazz"}}]


def test_a_fast_knob_is_heard_fifty_times_a_second_and_the_last_value_wins():
    knobs = ControlChanges(KNOBS)
    commands = []
    for k in range(1001):  # one a millisecond
        time = 10 + k / 1000
        commands += knobs.message(time, cc(74, k % 128)) if k < 1000 else knobs.due(time)
    assert len(commands) == 51
    assert commands[0] == {"set": {"temperature": 0.5}}
    assert commands[-1] == {"set": {"temperature": KNOBS.control_changes[0].value(999 % 128)}}
    assert knobs.deadline is None


def test_two_knobs_at_once_are_one_command():
    knobs = ControlChanges(KNOBS)
    knobs.message(0.0, cc(74, 0))
    assert knobs.message(0.001, cc(74, 127)) == []
    assert knobs.message(0.002, cc(1, 0)) == []
    assert knobs.deadline == SPACING_SECONDS
    assert knobs.due(0.019) == []
    assert knobs.due(knobs.deadline) == [{"set": {"temperature": 1.5, "style": "bach"}}]


def test_a_button_that_tells_when_it_is_let_go():
    assert said(cc(42, 127), cc(42, 0), cc(42, 127), cc(42, 0)) == [{"next": True}] * 2


def test_a_button_that_does_not():
    assert said(cc(43, 127), cc(43, 127)) == [{"panic": True}] * 2


def test_a_knob_used_as_a_button_presses_once():
    assert said(*(cc(42, value) for value in range(0, 127, 3))) == [{"next": True}]


def test_the_play_button_plays_and_pauses():
    knobs = ControlChanges(KNOBS)
    presses = (cc(41, 127), cc(41, 0), cc(41, 127))
    assert said(*presses, knobs=knobs) == [{"play": False}, {"play": True}]
    knobs.playing = False  # by somebody else
    assert said(cc(41, 0), cc(41, 127), knobs=knobs) == [{"play": True}]


def test_programs():
    assert said(program(5), program(5, channel=2), program(6, channel=9), program(7)) == [
        {"voice": "commons"},
        {"set": {"style": "jazz"}},
    ]


def test_what_is_mapped_is_taken():
    knobs = ControlChanges(KNOBS)
    mapped = (cc(74, 1), cc(75, 1), program(5), program(5, channel=2), b"\x90\x4a\x01", b"\xd0\x05")
    assert [knobs.is_mapped(data) for data in mapped] == [True, False, True, False, False, False]


@given(st.lists(st.tuples(st.floats(0, 0.1), st.integers(0, 127))))
def test_the_last_value_is_always_heard_in_the_end(moves):
    knobs, time, commands, times = ControlChanges(KNOBS), 0.0, [], []
    for pause, value in moves:
        time += pause
        told = knobs.due(time) + knobs.message(time, cc(74, value))
        commands += told
        times += [time] * len(told)
    if knobs.deadline is not None:
        times.append(knobs.deadline)
        commands += knobs.due(knobs.deadline)
    if moves:
        assert commands[-1] == {
            "set": {"temperature": KNOBS.control_changes[0].value(moves[-1][1])}
        }
    gaps = [b - a for a, b in itertools.pairwise(times)]
    assert all(gap >= SPACING_SECONDS * 0.999 for gap in gaps)


def test_a_program_of_no_channel_is_heard_on_all():
    for channel in range(1, 17):
        assert said(program(6, channel)) == [{"set": {"style": "jazz"}}]


def test_a_button_turns_a_part_off_and_on_again():
    knobs = ControlChanges(
        Map((ControlChangeEntry(50, "part:bass"), ControlChangeEntry(51, "part:drums")))
    )
    assert said(cc(50, 127), cc(50, 0), knobs=knobs) == [{"set": {"parts": "bass=off"}}]
    assert said(cc(51, 127), knobs=knobs) == [{"set": {"parts": "bass=off,drums=off"}}]
    knobs.parts = "lead=3,drums=off"  # somebody else has changed them
    assert said(cc(51, 0), cc(51, 127), knobs=knobs) == [{"set": {"parts": "lead=3"}}]


def test_a_button_gives_each_tune_its_own_tempo_again():
    text = "[[cc]]\nnumber = 7\ncontrol = 'bpm'\n[[cc]]\nnumber = 8\ncontrol = 'bpm:auto'\n"
    knobs = ControlChanges(parse(text, "m"))
    assert said(cc(7, 127), cc(8, 127), cc(8, 0), knobs=knobs) == [
        {"set": {"bpm": 300.0}},
        {"set": {"bpm": 0}},
    ]


def test_a_knob_that_was_turned_just_before_the_button_does_not_win():
    entries = (ControlChangeEntry(7, "bpm", None, 20, 300), ControlChangeEntry(8, "bpm:auto"))
    knobs = ControlChanges(Map(entries))
    sent = [knobs.message(time, cc(7, value)) for time, value in ((0.0, 0), (0.001, 127))]
    assert sent == [[{"set": {"bpm": 20}}], []]
    assert knobs.message(0.002, cc(8, 127)) == [{"set": {"bpm": 0}}]
    assert knobs.deadline is None
