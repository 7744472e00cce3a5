import signal
import subprocess
import sys
from types import SimpleNamespace

import mido
import pytest

from stream.errors import SinkError
from stream.midi.ports import clients, library
from stream.midi.survey import Ports, survey
from stream.play.sinks.rtmidi import PortSink, VirtualSink
from stream.util.installation import install_rtmidi
from tests.stream.conftest import off, on

PLAYED = ["90 3c 50", "80 3c 00", "91 40 50", "81 40 00"]
RESETS = ["b0 40 00", "b0 7b 00", "b0 78 00", "b1 40 00", "b1 7b 00", "b1 78 00"]


@pytest.fixture
def dump(jack):
    """A JACK client that prints each message that it receives at its port `input`."""
    command = ["stdbuf", "-oL", "jack_midi_dump", "-a", "dump"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, bufsize=1) as dump:
        wait_for_port("dump:input")
        yield dump
        dump.send_signal(signal.SIGINT)


def wait_for_port(name):
    while name not in subprocess.check_output(["jack_lsp"], text=True):
        pass


def received(dump, count):
    """`count` messages as hexadecimal text; the dump puts the frame before the colon."""
    lines = (dump.stdout.readline() for _ in range(count))
    return [" ".join(line.partition(":")[2].split()[:3]).lower() for line in lines]


def play(sink):
    for timed in (on(0.0, 60), off(0.5, 60), on(0.5, 64, channel=1)):
        sink.send(timed)
    sink.close()


def test_an_existing_port(dump):
    sink = PortSink("DUMP:in")
    sink.connect()
    assert sink.name == "port:dump:input"
    play(sink)
    assert received(dump, 10) == PLAYED + RESETS


def test_a_port_of_our_own(dump):
    sink = VirtualSink("song")
    sink.connect()
    subprocess.run(["jack_connect", "Perpetuum:song", "dump:input"], check=True)
    play(sink)
    assert received(dump, 10) == PLAYED + RESETS


def test_ports_are_listed(dump):
    assert survey().names == ("dump:input",)
    assert survey() == Ports(("dump:input",), "")


def test_a_missing_port_says_which_there_are(dump):
    with pytest.raises(SinkError, match=r"--out port:piano: .*\(dump:input\)"):
        PortSink("piano").connect()


def test_no_server(monkeypatch, capfd):
    monkeypatch.setenv("JACK_DEFAULT_SERVER", "none")
    assert survey() == Ports((), "neither ALSA's sequencer nor a JACK server runs here")
    with pytest.raises(SinkError, match=r"--out port:piano: .*none exist"):
        PortSink("piano").connect()
    with pytest.raises(SinkError, match=r"--out virtual:song: .*start jackd"):
        VirtualSink("song").connect()
    assert capfd.readouterr() == ("", "")


def test_no_library(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "rtmidi", None)
    assert survey().names == ()
    with pytest.raises(
        SinkError, match=r"python-rtmidi cannot be loaded .*; run: .* install .*rtmidi"
    ):
        PortSink("piano").connect()


def test_through_ports_are_no_synthesizers():
    names = (
        "Midi Through:Midi Through Port-0 14:0",
        "UM-ONE:UM-ONE MIDI 1 20:0",
        "RtMidi In:x 1:0",
    )
    assert Ports(names, "").synthesizers == names[1:2]


def test_mido_reads_what_we_mean():
    assert mido.parse_all(bytes.fromhex("".join(PLAYED)))[2].channel == 1


class Moving:
    """A MIDI system in which a port goes while another is opened."""

    def __init__(self):
        self.lists = [["through", "box", "organ"], ["through", "organ"]]
        self.deleted = False

    def get_current_api(self):
        return library().API_UNIX_JACK

    def get_ports(self):
        return self.lists.pop(0)

    def open_port(self, index, name=None):
        """Opens whatever is there by now."""

    def delete(self):
        self.deleted = True


def test_a_port_that_moves_while_it_is_opened_is_not_mistaken_for_another(monkeypatch):
    moving = Moving()
    monkeypatch.setattr("stream.midi.port_search.clients", lambda _: iter([moving]))
    with pytest.raises(SinkError, match=r"port:organ: lost"):
        PortSink("organ").connect()
    assert moving.deleted


class Upset(Moving):
    """A MIDI system whose listing fails once, because a port goes meanwhile."""

    def __init__(self):
        super().__init__()
        self.lists = [None, ["organ"], None, ["organ"], None]

    def get_ports(self):
        names = super().get_ports()
        if names is None:
            raise library().InvalidPortError("it went")
        return names


def test_a_listing_that_fails_because_a_port_goes_is_tried_again(monkeypatch):
    monkeypatch.setattr("stream.midi.port_search.clients", lambda _: iter([Upset()]))
    sink = PortSink("organ")
    sink.connect()
    assert sink.name == "port:organ"


def test_ports_that_never_rest_are_no_ports(monkeypatch):
    restless = Upset()
    restless.lists = [None] * 5
    monkeypatch.setattr("stream.midi.port_search.clients", lambda _: iter([restless]))
    with pytest.raises(SinkError, match="the list changes too fast to be read"):
        PortSink("organ").connect()


class Listing:
    """A MIDI system with these ports."""

    def __init__(self, *names):
        self._names = names

    def get_ports(self):
        return list(self._names)

    def delete(self):
        """Nothing was opened."""


@pytest.mark.parametrize(
    ("systems", "ports"),
    [
        ([], Ports((), "neither ALSA's sequencer nor a JACK server runs here")),
        ([Listing()], Ports((), "no MIDI device is connected")),
        ([Listing("organ"), Listing("box", "bell")], Ports(("organ", "box", "bell"), "")),
    ],
)
def test_the_survey_names_all_ports_or_says_why_there_is_none(monkeypatch, systems, ports):
    monkeypatch.setattr("stream.midi.survey.clients", lambda: iter(systems))
    assert survey() == ports


@pytest.mark.parametrize(
    ("requested", "asked"),
    [
        ("", ["alsa", "jack"]),
        ("mido.backends.rtmidi/UNIX_JACK", ["jack"]),
        ("mido.backends.rtmidi/LINUX_ALSA", ["alsa"]),
    ],
)
def test_each_midi_system_is_asked_by_its_own_client(monkeypatch, requested, asked):
    vendor = SimpleNamespace(
        API_LINUX_ALSA="alsa",
        API_UNIX_JACK="jack",
        RtMidiError=OSError,
        get_compiled_api=lambda: ["alsa", "jack"],
        MidiOut=lambda api="any", name="": (api, name),
    )
    monkeypatch.setenv("MIDO_BACKEND", requested)
    monkeypatch.setattr("stream.midi.ports.library", lambda: vendor)
    assert list(clients()) == [(api, "Perpetuum") for api in asked]


def test_a_missing_library_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    with pytest.raises(SinkError) as missing:
        library()
    assert str(missing.value) == (
        "MIDI ports: python-rtmidi cannot be loaded"
        f" (import of rtmidi halted; None in sys.modules); run: {install_rtmidi()}"
    )
