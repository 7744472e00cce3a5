"""A serial line has at most one sender and one reader."""

import contextlib
import os
import subprocess
import sys

import pytest

from stream.errors import InputError, SinkError
from stream.midi_in.serial_source import SerialSource
from stream.play.sinks.serialport import SerialSink
from tests.stream.conftest import DATA, on

HOLD = """
import sys
from stream.midi_in.serial_source import SerialSource
from stream.play.sinks.serialport import SerialSink
line = {"send": SerialSink, "read": SerialSource}[sys.argv[1]](sys.argv[2])
line.connect()
print("there", flush=True)
sys.stdin.read()
"""


@contextlib.contextmanager
def another_player(does, device):
    command = [sys.executable, "-c", HOLD, does, device]
    environment = {**os.environ, "PYTHONPATH": str(DATA.parents[1])}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment) as child:
        assert child.stdout.readline() == b"there\n"
        yield
        child.kill()


def test_a_second_sender_is_refused_until_the_first_has_gone(receiver):
    sink = SerialSink(receiver.device, 38400)
    with another_player("send", receiver.device):
        for _ in range(2):
            with pytest.raises(
                SinkError, match=r"another program sends to it already.*; name an e"
            ):
                sink.connect()
    sink.connect()
    sink.send(on(0.0, 60))
    sink.close()
    receiver.wait_for(3)


def test_a_second_reader_is_refused(receiver):
    source = SerialSource(receiver.device)
    with (
        another_player("read", receiver.device),
        pytest.raises(InputError, match="another program reads from it already"),
    ):
        source.connect()
    source.connect()
    source.close()


@pytest.mark.parametrize("does", ["send", "read"])
def test_who_sends_and_who_reads_are_not_in_each_others_way(receiver, does):
    with another_player(does, receiver.device):
        line = (SerialSource if does == "send" else SerialSink)(receiver.device)
        line.connect()
        line.close()


def test_one_player_sends_to_a_line_once_and_may_read_from_it(receiver):
    sink, again, source = (
        SerialSink(receiver.device), SerialSink(receiver.device, 38400),
        SerialSource(receiver.device),
    )  # fmt: skip
    sink.connect()
    source.connect()
    with pytest.raises(SinkError, match="another program sends to it already"):
        again.connect()
    sink.lose()
    again.connect()
    for line in (sink, again, source):
        line.close()
