import os

import pytest

from stream.errors import SinkError
from stream.play.sinks.serialport import SerialSink
from tests.stream.play.conftest import off, on


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
