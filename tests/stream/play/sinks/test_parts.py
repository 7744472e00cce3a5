"""Several outputs, each of which plays some of the parts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message

from stream.__main__ import main
from stream.config.output_parts import ALL, split_parts, together, with_parts
from stream.config.settings import Settings
from stream.config.unused_settings import without_effect
from stream.errors import SettingsError
from stream.music.part import ROLES
from stream.play.sinks.base import Sink
from stream.play.sinks.router import Router
from stream.play.sinks.spec import check_spec, sink_of
from stream.play.timing.scheduler import CLOCK, OFF, ON, SETUP, TimedMessage
from stream.voices.spec import find_voice, read_spec

CHANNELS = {"lead": 0, "bass": 3, "drums": 9}


class Device(Sink):
    """It is told what it is told, and remembers it."""

    clocked = True

    def __init__(self, name, *parts):
        super().__init__(name)
        self.parts = frozenset(parts)
        self.told = []

    def _write(self, timed):
        self.told.append(timed.message)

    def channels(self, kind):
        """Channels of all messages of a type so far; forget them."""
        found = [message.channel for message in self.told if message.type == kind]
        self.told.clear()
        return found


def sent(outputs, kind, *roles, **values):
    """Send a message for each of the roles."""
    order = {"note_on": ON, "note_off": OFF}.get(kind, SETUP)
    for role in roles:
        message = Message(kind, channel=CHANNELS[role], **values)
        outputs.send(TimedMessage(1.0, order, message, (role,)))


def test_each_output_gets_its_parts_and_what_is_for_all():
    bass, rest, all_ = Device("a", "bass"), Device("b", "lead", "drums"), Device("c")
    outputs = Router([bass, rest, all_])
    outputs.send(TimedMessage(0.0, CLOCK, Message("start")))
    sent(outputs, "program_change", *CHANNELS, program=5)
    sent(outputs, "note_on", *CHANNELS, note=60)
    outputs.send(TimedMessage(0.0, ON, Message("control_change", channel=7, control=1, value=3)))
    for device, channels in ((bass, [3]), (rest, [0, 9]), (all_, [0, 3, 9])):
        assert device.told[0].type == "start"
        assert [m.channel for m in device.told if m.type == "program_change"] == channels
        assert [m.channel for m in device.told if m.type == "control_change"] == [7]
        assert device.channels("note_on") == channels
    outputs.silence(2.0)
    assert bass.channels("note_off") == [3]
    assert rest.channels("note_off") == [0, 9]
    outputs.close()


def test_a_note_that_sounds_ends_although_its_part_is_another_now():
    bass = Device("a", "bass")
    sent(bass, "note_on", "bass", note=40)
    bass.send(TimedMessage(1.0, OFF, Message("note_off", channel=3, note=40), ("lead",)))
    assert bass.channels("note_off") == [3]
    bass.send(TimedMessage(1.0, OFF, Message("note_off", channel=3, note=40), ("lead",)))
    assert bass.channels("note_off") == []


def test_parts_that_share_a_channel_go_where_one_of_them_goes():
    bass = Device("a", "bass")
    bass.send(TimedMessage(1.0, ON, Message("note_on", channel=3, note=40), ("lead", "bass")))
    assert bass.channels("note_on") == [3]


def test_other_parts_are_requested_while_it_plays():
    bass, other = Device("a", "bass"), Device("b", "lead")
    outputs = Router([bass, other])
    sent(outputs, "program_change", *CHANNELS, program=5)
    sent(outputs, "note_on", *CHANNELS, note=60)
    outputs.route([Device("a", "drums"), Device("b", "lead")], 2.0)
    assert outputs.names == ("a=drums", "b=lead")
    kinds = [(m.type, m.channel) for m in bass.told]
    assert ("note_off", 3) in kinds
    assert kinds[-1] == ("program_change", 9)
    assert [m.type for m in other.told] == ["program_change", "note_on"]
    # The same output twice plays both.
    outputs.route([Device("a", "drums"), Device("a", "bass")], 3.0)
    assert outputs.names == ("a=bass,drums",)
    outputs.close()


def test_a_new_output_gets_the_sounds_that_were_set_before():
    first, new = Device("a"), Device("b", "bass")
    outputs = Router([first])
    sent(outputs, "program_change", *CHANNELS, program=5)
    outputs.route([Device("a"), new], 2.0)
    new.resume(2.0)
    assert new.channels("program_change") == [3]
    outputs.close()


@pytest.mark.parametrize(
    ("spec", "output", "parts"),
    [
        ("port:Volca=bass", "port:Volca", {"bass"}),
        ("port:SY=Harmony, drums", "port:SY", {"harmony", "drums"}),
        ("port=lead", "port", {"lead"}),
        ("fluidsynth=drums", "fluidsynth", {"drums"}),
        ("osc:127.0.0.1:9001=lead", "osc:127.0.0.1:9001", {"lead"}),
        ("file:a=b.mid", "file:a=b.mid", ALL),
        ("file:a=b.mid=bass", "file:a=b.mid", {"bass"}),
        ("file:bass=x,drums", "file:bass=x,drums", ALL),
        ("serial:/dev/tty=1", "serial:/dev/tty=1", ALL),
        ("null", "null", ALL),
        ("", "", ALL),
    ],
)
def test_parts_after_an_output(spec, output, parts):
    assert split_parts(spec) == (output, frozenset(parts))
    assert split_parts(with_parts(output, frozenset(parts))) == (output, frozenset(parts))


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("port:Volca=bas", r"--out port:Volca=bas: 'bas' is not a part; .*; did you mean 'bass'\?"),
        ("null=", "'' is not a part; give some of lead, harmony"),
        ("virtual:A=bass,flute", "'flute' is not a part; .* such as virtual:A=bass,drums"),
        ("file:a.mid=bas", "a recording is a MIDI file"),
    ],
)
def test_unknown_parts_end_the_program(spec, message, capsys):
    with pytest.raises(SettingsError, match=message):
        sink_of(spec)
    with pytest.raises(SettingsError, match=message):
        check_spec(spec)
    assert main(["play", "--out", spec]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_an_output_is_named_with_its_parts():
    sink = sink_of("null=drums,bass")
    assert (sink.name, sink.spec, sink.target) == ("null", "null=bass,drums", "null")
    settings = Settings(out=("null=bass",), clock="send")
    found = list(without_effect(settings, read_spec(find_voice("commons"))))
    assert any(line.startswith("--clock") for line in found)


@given(st.lists(st.frozensets(st.sampled_from(ROLES)), min_size=1))
def test_an_output_requested_without_parts_plays_all(requests):
    parts = together(requests)
    assert (parts == ALL) == (ALL in requests)
    assert all(request <= parts for request in requests) or parts == ALL
