import select
import socket
import sys
import threading

import pytest
from mido import Message

from stream.errors import SinkError
from stream.osc.datagram import messages
from stream.play.sinks.host_lookup import HostLookup
from stream.play.sinks.osc import OscSink
from stream.play.sinks.router import Router
from stream.play.sinks.spec import open_sink
from stream.play.timing.scheduler import CLOCK, ON, TimedMessage
from stream.util.address import Address


@pytest.fixture
def receiver():
    with socket.socket(type=socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(30)
        yield receiver


def timed(kind, **values):
    return TimedMessage(0.0, CLOCK if kind == "clock" else ON, Message(kind, **values))


def test_what_is_sent(receiver):
    host, port = receiver.getsockname()
    sink = open_sink(f"osc:{host}:{port}")
    assert sink.name == f"osc:127.0.0.1:{port}"
    sent = [
        (timed("control_change", channel=2, control=74, value=5), ("cc", (3, 74, 5))),
        (timed("program_change", channel=15, program=0), ("program", (16, 1))),
        (timed("pitchwheel", channel=0, pitch=-8192), ("bend", (1, -8192))),
        (timed("start"), ("start", ())),
        (timed("clock"), ("clock", ())),
        (timed("note_on", channel=0, note=60, velocity=99), ("note_on", (1, 60, 99))),
        (timed("note_off", channel=0, note=60, velocity=0), ("note_off", (1, 60))),
        (timed("note_on", channel=9, note=127, velocity=1), ("note_on", (10, 127, 1))),
        (timed("songpos", pos=9), ("songpos", (9,))),
        (timed("continue"), ("continue", ())),
        (timed("stop"), ("stop", ())),
    ]
    for message, _ in sent:
        sink.send(message)
    sink.send(timed("aftertouch", channel=0, value=3))
    sink.close()
    silenced = [("note_off", (10, 127))] + [
        ("cc", (channel, control, 0)) for channel in (1, 3, 10, 16) for control in (64, 123, 120)
    ]
    for name, values in [expected for _, expected in sent] + silenced:
        assert messages(receiver.recv(1000)) == [(f"/perpetuum/{name}", values)]
    receiver.setblocking(False)
    with pytest.raises(BlockingIOError):
        receiver.recv(1000)


def test_nobody_has_to_be_there():
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        address = Address(*probe.getsockname())
    # An address without a route as well.
    for there in (address, Address("255.255.255.255", 9)):
        sink = OscSink(there)
        sink.connect()
        for _ in range(10):
            sink.send(timed("note_on", note=60))
        sink.close()
        sink.close()


def test_a_name_that_nobody_knows():
    with pytest.raises(SinkError, match=r"--out osc:127.0.0.1.9:1: .*; name a host that can be"):
        open_sink("osc:127.0.0.1.9:1")


def test_without_the_library(monkeypatch):
    monkeypatch.setitem(sys.modules, "pythonosc.osc_message_builder", None)
    with pytest.raises(
        SinkError, match=r"python-osc is not installed; run: .*pip install 'python-osc>=1.8'"
    ):
        open_sink("osc:127.0.0.1:9001")


@pytest.fixture
def silent_network(monkeypatch):
    """A network that says nothing about any name until it is let; then every name is ours."""
    let = threading.Event()

    def resolved(address, family=socket.AF_UNSPEC):
        if not address.host.replace(".", "").isdigit():
            assert let.wait(30)
        return socket.AF_INET, ("127.0.0.1", address.port)

    monkeypatch.setattr(Address, "resolved", resolved)
    yield let
    let.set()


def test_names_that_nobody_resolves_keep_no_other_output_waiting(silent_network, receiver):
    port = receiver.getsockname()[1]
    lost = [OscSink(Address(f"nobody{n}.invalid", port)) for n in range(15)]
    there = OscSink(Address("127.0.0.1", port))
    outputs = Router([], [*lost, there])
    assert select.select(outputs.files(), [], [], 30)[0]
    outputs.process_ready(outputs.files(), 0.0)
    assert outputs.names == (there.name,)
    assert not silent_network.is_set()
    silent_network.set()
    while len(outputs.names) < 16:
        assert select.select(outputs.files(), [], [], 30)[0]
        outputs.process_ready(outputs.files(), 0.0)
    outputs.close()


def test_a_name_is_waited_for_at_the_start_but_not_for_ever(silent_network, monkeypatch):
    monkeypatch.setattr("stream.play.sinks.osc.LOOKUP_SECONDS", 0.05)
    with pytest.raises(SinkError, match=r"--out osc:nobody.invalid:9: the name server has not an"):
        open_sink("osc:nobody.invalid:9")
    silent_network.set()
    monkeypatch.setattr("stream.play.sinks.osc.LOOKUP_SECONDS", 30)
    open_sink("osc:nobody.invalid:9").close()


def test_the_reason_why_a_name_is_unknown_is_told_and_it_is_asked_again(monkeypatch):
    def resolved(address):
        raise OSError(f"{address.host} is unknown")

    monkeypatch.setattr(Address, "resolved", resolved)
    lookup = HostLookup(Address("nobody.invalid", 9))
    with pytest.raises(OSError, match=r"^nobody\.invalid is unknown$"):
        lookup.result(30)
    assert not lookup.needs_retry
    monkeypatch.setattr("stream.play.sinks.host_lookup.RETRY_SECONDS", 0.0)
    assert lookup.needs_retry
