import os
import signal
import time

from stream.util.event_wait import wait
from stream.util.stop_signals import STOP_SIGNALS, stop_signals


class Pipe:
    def __init__(self, descriptor):
        self._descriptor = descriptor

    def fileno(self):
        return self._descriptor


def test_it_never_comes_too_early():
    for milliseconds in (-1, 0, 1, 4, 30):
        deadline = time.monotonic() + milliseconds / 1000
        assert wait([], deadline) == []
        assert time.monotonic() >= deadline


def test_a_file_ends_the_wait():
    reader, writer = os.pipe()
    os.write(writer, b"x")
    pipe = Pipe(reader)
    assert wait([pipe], None) == [pipe]
    assert wait([pipe], time.monotonic() + 3600.0) == [pipe]
    os.close(reader)
    os.close(writer)


def test_a_signal_ends_the_wait():
    for number in STOP_SIGNALS:
        with stop_signals() as stop:
            assert not stop.requested
            os.kill(os.getpid(), number)
            assert wait([stop], time.monotonic() + 3600.0) == [stop]
            assert stop.requested


def test_handlers_are_put_back():
    before = [signal.getsignal(number) for number in STOP_SIGNALS]
    with stop_signals():
        assert [signal.getsignal(number) for number in STOP_SIGNALS] != before
    assert [signal.getsignal(number) for number in STOP_SIGNALS] == before
    assert signal.set_wakeup_fd(-1) == -1
