import errno
import os
import select
import termios
import time

import mido
import pytest

from stream.errors import SinkError
from stream.play.sinks.router import Router
from stream.play.sinks.serialport import SerialSink
from stream.play.timing.scheduler import ON, TimedMessage
from tests.stream.conftest import off, on


@pytest.mark.parametrize("baud", [31250, 38400])
def test_bytes_arrive_as_they_were_sent(receiver, baud):
    sink = SerialSink(receiver.device, baud)
    sink.connect()
    for timed in (on(0.0, 60, channel=1), off(0.5, 60, channel=1), on(0.5, 72)):
        sink.send(timed)
    sink.close()
    receiver.wait_for(30)
    assert [message.hex() for message in receiver.messages()] == [
        "91 3C 50",
        "81 3C 00",
        "90 48 50",
        "80 48 00",
        "B0 40 00",
        "B0 7B 00",
        "B0 78 00",
        "B1 40 00",
        "B1 7B 00",
        "B1 78 00",
    ]


def send_many(sink):
    for index in range(10_000):
        sink.send(on(0.0, index % 128))


def test_no_such_device():
    with pytest.raises(
        SinkError, match=r"--out serial:/dev/none@31250: .*; name an existing device"
    ):
        SerialSink("/dev/none").connect()


def test_unplugged():
    master, slave = os.openpty()
    sink = SerialSink(os.ttyname(slave))
    sink.connect()
    os.close(slave)
    os.close(master)
    with pytest.raises(SinkError, match=r"serial:/dev/pts/\d+: lost .*; plug it in"):
        sink.send(on(0.0, 60))
    with pytest.raises(SinkError):
        sink.close()


def test_a_line_that_takes_nothing_is_lost():
    master, slave = os.openpty()
    sink = SerialSink(os.ttyname(slave))
    sink.connect()
    with pytest.raises(SinkError, match="Write timeout"):
        send_many(sink)
    os.close(master)
    os.close(slave)
    with pytest.raises(SinkError):
        sink.close()


@pytest.mark.parametrize("baud", [31250, 38400])
def test_no_more_is_written_than_a_din_line_carries(receiver, baud):
    """A pseudo-terminal takes everything at once: what was written is what the output let pass."""
    sink = SerialSink(receiver.device, baud)
    sink.connect()
    outputs = Router([sink])
    began = time.monotonic()
    for n in range(20_000):
        outputs.send(turned(n % 3, n % 128))
    outputs.send(on(0.0, 60))
    seconds = time.monotonic() - began
    while sink._pacer.deadline is not None:
        outputs.process_ready(select.select(outputs.files(), [], [], 30)[0], time.monotonic())
    outputs.close()
    sent = [message.bytes() for message in receiver.messages()]
    assert [0x90, 60, 80] in sent
    before_note = 3 * sent.index([0x90, 60, 80])
    assert before_note <= 3125 * (seconds + 0.01)
    last = {number: value for status, number, value in sent if status == 0xB0}
    assert [last[number] for number in range(3)] == [n % 128 for n in final()]


def final():
    """The last step of each of three knobs that were turned in turn."""
    return [max(n for n in range(20_000) if n % 3 == knob) for knob in range(3)]


def turned(number, value):
    message = mido.Message("control_change", control=number, value=value)
    return TimedMessage(0.0, ON, message)


@pytest.mark.parametrize("baud", [9600, 38400, 115200])
def test_the_port_is_opened_at_its_baud(receiver, baud):
    sink = SerialSink(receiver.device, baud)
    sink.connect()
    speeds = termios.tcgetattr(sink.watched()[0].fileno())[4:6]
    sink.close()
    assert speeds == [getattr(termios, f"B{baud}")] * 2


def test_a_port_that_can_not_be_read_any_more_says_why(monkeypatch):
    master, slave = os.openpty()
    sink = SerialSink(os.ttyname(slave))
    sink.connect()
    port = sink.watched()[0].fileno()
    os.write(master, b"\n")
    with monkeypatch.context() as broken:
        broken.setattr(os, "read", failing(os.read, port))
        with pytest.raises(SinkError) as lost:
            sink.check()
    reason = "[Errno 5] Input/output error"
    assert str(lost.value) == f"{sink.name}: lost ({reason}); plug it in again"
    sink.close()
    os.close(slave)
    os.close(master)


def failing(read, broken):
    """A read that fails for one description."""

    def read_others(file, size):
        if file == broken:
            raise OSError(errno.EIO, "Input/output error")
        return read(file, size)

    return read_others
