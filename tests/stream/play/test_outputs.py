"""Outputs that come and go, and what each of them is told."""

import os
import select
import threading

import pytest

from stream.errors import SinkError
from stream.play.outputs import Outputs
from stream.play.sinks.base import Sink
from tests.stream.play.conftest import off, on


class Device(Sink):
    """Breaks when `broken`; can be connected while `there`; keeps what it is told."""

    def __init__(self, name="device", *, returns=True, there=True):
        super().__init__(name)
        self.returns = returns
        self.there = there
        self.broken = self.quiet = False
        self.hang_up, self.far_end = os.pipe()
        self.told = []

    def connect(self):
        if not self.there:
            raise SinkError(f"{self.name}: is not there")
        self.told.append("connect")
        self.broken = self.quiet = False

    def watched(self):
        return (self.hang_up,)

    def check(self):
        os.read(self.hang_up, 1)
        raise SinkError(f"{self.name}: hung up")

    def alive(self):
        return not self.quiet

    def _write(self, timed):
        if self.broken:
            raise SinkError(f"{self.name}: lost")
        self.told.append(timed.data.hex())

    def _release(self):
        self.told.append("release")


@pytest.fixture
def device():
    return Device()


def news(outputs, count=1):
    """Wait until the thread has told so much."""
    for _ in range(count):
        ready = select.select(outputs.files(), [], [], 30)[0]
        assert ready
        outputs.attend(ready, 7.0)


RESET = ["b04000", "b07b00", "b07800"]


def test_a_lost_device_comes_back_reset_and_set_again(device):
    other = Device("other")
    outputs = Outputs([device, other])
    for timed in (program(0.0, 40), on(0.0, 60), on(0.0, 64)):
        outputs.send(timed)
    device.broken = True
    for timed in (off(1.0, 60), on(1.0, 67)):
        outputs.send(timed)
    assert (outputs.names, outputs.lost, outputs.back) == (("other",), 1, 0)
    news(outputs)
    assert (outputs.names, outputs.lost, outputs.back) == (("other", "device"), 1, 1)
    outputs.send(off(2.0, 67))
    outputs.close()
    assert device.told == [
        *("c028", "903c50", "904050"), "release", "connect",
        *("803c00", "804000", *RESET, "c028"),
        *("804300", *RESET), "release",
    ]  # fmt: skip
    assert other.told == [
        *("c028", "903c50", "904050", "803c00", "904350", "804300"), "804000", *RESET, "release",
    ]  # fmt: skip
    assert list(outputs.notices) == ["device: lost", "device: there"]


def program(time, number):
    import mido

    from stream.play.scheduler import ON, TimedMessage

    return TimedMessage(time, ON, mido.Message("program_change", program=number))


def test_a_device_that_hangs_up_is_noticed_in_a_rest(device):
    outputs = Outputs([device, Device("other")])
    os.write(device.far_end, b"!")
    news(outputs)
    assert outputs.lost == 1
    news(outputs)
    assert outputs.back == 1
    outputs.close()


def test_a_device_without_a_pulse_is_lost():
    device = Device()
    device.has_pulse = True
    outputs = Outputs([device])
    device.quiet = True
    news(outputs, 2)
    assert list(outputs.notices) == ["device: lost (it stands still)", "device: there"]
    device.quiet = True
    news(outputs, 2)
    assert (outputs.lost, outputs.back) == (2, 2)
    outputs.close()


def test_a_setting_that_was_missed_is_told_later():
    device = Device(there=False)
    outputs = Outputs([Device("other")], [device])
    outputs.send(program(0.0, 40))
    outputs.send(program(1.0, 41))
    device.there = True
    news(outputs)
    assert device.told == ["connect", "c029"]
    outputs.close()


def test_a_device_that_comes_with_the_end_is_silenced(device):
    outputs = Outputs([device, Device("other")])
    outputs.send(on(0.0, 60))
    device.broken = True
    outputs.send(off(1.0, 60))
    assert select.select(outputs.files(), [], [], 30)[0]  # it is there, but nobody has attended
    outputs.close()
    assert device.told == ["903c50", "release", "connect", "803c00", *RESET, "release"]


def test_an_absent_device_is_awaited():
    device = Device(there=False)
    outputs = Outputs([], [device])
    outputs.send(on(0.0, 60))
    device.there = True
    news(outputs)
    outputs.send(on(1.0, 62))
    outputs.close()
    assert device.told == ["connect", "903e50", "803e00", *RESET, "release"]


def test_a_device_that_breaks_while_it_is_reset_is_lost_again(device):
    outputs = Outputs([device])
    outputs.send(on(0.0, 60))
    device.broken = True
    outputs.send(off(1.0, 60))
    device.connect = lambda: None  # it stays broken
    news(outputs)
    assert (outputs.lost, outputs.back, outputs.names) == (2, 1, ())
    del device.connect
    news(outputs)
    assert (outputs.lost, outputs.back, outputs.names) == (2, 2, ("device",))
    assert device.told[-6:] == ["release", "connect", "803c00", *RESET]
    outputs.close()


def test_what_does_not_return_is_the_end():
    recording = Device("recording", returns=False)
    outputs = Outputs([recording])
    recording.broken = True
    with pytest.raises(SinkError, match="recording: lost"):
        outputs.send(on(0.0, 60))
    outputs.close()


def test_an_output_that_is_lost_at_the_end_is_only_noticed(device):
    outputs = Outputs([device])
    outputs.send(on(0.0, 60))
    device.broken = True
    outputs.silence(1.0)
    outputs.close()
    assert list(outputs.notices) == ["device: lost", "device: lost"]
    assert device.told == ["903c50", "release"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_the_program_is_not_kept_quiet(device):
    """Or a box would play on for years and never find its outputs again."""
    outputs = Outputs([device, Device("other")])
    device.connect = lambda: 1 // 0
    device.broken = True
    outputs.send(on(0.0, 60))
    with pytest.raises(RuntimeError, match="can not be found again"):
        news(outputs)
    with pytest.raises(RuntimeError):
        outputs.close()


def test_where_no_thread_can_be_had_what_is_lost_is_sought_later(device, monkeypatch):
    def none(_):
        raise RuntimeError("can't start new thread")

    other = Device("other")
    outputs = Outputs([device, other])
    device.broken = True
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none)
        outputs.send(on(1.0, 60))
        outputs.flush(1.0)
    assert outputs.names == ("other",)
    outputs.flush(2.0)
    news(outputs)
    assert outputs.names == ("other", "device")
    outputs.close()


def test_where_no_memory_is_left_for_names_that_is_told(device):
    class Full:
        def outputs(self, _):
            raise OSError(28, "No space left on device")

        def close(self):
            pass

    outputs = Outputs([device], sounding=Full())
    outputs.route([], 1.0)
    assert list(outputs.notices) == [
        "notes can not be ended after a kill -9 (No space left on device)"
    ]
    outputs.close()
