import pytest
from hypothesis import given
from hypothesis import strategies as st
from mido import Message

from stream.errors import SinkError
from stream.play.sinks.base import Sink
from stream.play.timing.scheduler import ON, TimedMessage
from tests.stream.conftest import left_sounding, off, on, tail


class Recorder(Sink):
    def __init__(self):
        super().__init__("recorder")
        self.sent = []
        self.released = 0

    def _write(self, timed):
        self.sent.append((timed.time, timed.message))

    def _release(self):
        self.released += 1

    @property
    def messages(self):
        return [message for _, message in self.sent]


class Broken(Recorder):
    def _write(self, timed):
        raise SinkError("broken")


def test_close_ends_what_sounds_and_resets_each_channel():
    sink = Recorder()
    for timed in (on(1.0, 60), on(1.5, 64, channel=2), off(2.0, 60), on(2.0, 67)):
        sink.send(timed)
    sink.close()
    assert [m.bytes() for m in sink.messages[4:]] == [
        [0x80, 67, 0],
        [0x82, 64, 0],
        [0xB0, 64, 0],
        [0xB0, 123, 0],
        [0xB0, 120, 0],
        [0xB2, 64, 0],
        [0xB2, 123, 0],
        [0xB2, 120, 0],
    ]
    assert {time for time, _ in sink.sent[4:]} == {2.0}


def test_close_is_idempotent():
    sink = Recorder()
    sink.send(on(0.0, 60))
    sink.silence(3.0)
    sink.close()
    sink.close()
    assert (len(sink.sent), sink.sent[-1][0], sink.released) == (5, 3.0, 1)


def test_an_unused_sink_says_nothing():
    sink = Recorder()
    sink.close()
    assert sink.sent == []


def test_a_broken_sink_is_released():
    sink = Broken()
    with pytest.raises(SinkError):
        sink.send(on(0.0, 60))
    with pytest.raises(SinkError):
        sink.close()
    sink.close()
    assert sink.released == 1


@given(st.lists(st.tuples(st.booleans(), st.integers(60, 65), st.integers(0, 2))))
def test_nothing_is_left_sounding(events):
    sink = Recorder()
    for time, (strikes, pitch, channel) in enumerate(events):
        sink.send((on if strikes else off)(float(time), pitch, channel))
    sink.close()
    channels = sorted({channel for *_, channel in events})
    assert not left_sounding(sink.messages)
    assert tail(sink.messages) == [(c, n, 0) for c in channels for n in (64, 123, 120)]


def test_a_channel_is_set_again_as_it_was_last():
    """Bank before program, the newest value of each controller, nothing twice."""
    sink = Recorder()
    for message in (
        Message("control_change", control=0, value=1),
        Message("program_change", program=5),
        Message("control_change", control=7, value=90),
        Message("pitchwheel", pitch=100, channel=2),
        Message("control_change", control=0, value=2),
        Message("program_change", program=6),
    ):
        sink.send(TimedMessage(0.0, ON, message))
    sink.send(on(0.0, 60))
    sink.sent.clear()
    sink.resume(1.0)
    assert [message.hex() for message in sink.messages] == [
        *("80 3C 00", "B0 40 00", "B0 7B 00", "B0 78 00", "B2 40 00", "B2 7B 00", "B2 78 00"),
        *("B0 07 5A", "E2 64 40", "B0 00 02", "C0 06"),
    ]


def test_an_end_that_may_not_have_been_heard_is_sent_again():
    """Some time passes between the loss of a device and the news of it."""
    sink = Recorder()
    for timed in (on(0.0, 60), off(1.0, 60), on(1.0, 62), off(2.9, 62), on(3.5, 64)):
        sink.send(timed)
    sink.sent.clear()
    sink.resume(9.0)
    assert [message.hex() for message in sink.messages] == [
        *("80 3E 00", "80 40 00", "B0 40 00", "B0 7B 00", "B0 78 00"),
    ]
