"""Outputs that come and go, and what each of them is told."""

import os
import select
import threading
import types

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


class Punctual(Device):
    """Keeps when it is told what."""

    def _write(self, timed):
        super()._write(timed)
        self.told[-1] = (timed.time, self.told[-1])


def closed(device):
    """Wait until the thread has let the device go."""
    with device.gone:
        assert device.gone.wait_for(lambda: "release" in device.told, 30)


class Parting(Punctual):
    """Tells when it is let go."""

    def __init__(self, name):
        super().__init__(name)
        self.gone = threading.Condition()

    def _release(self):
        with self.gone:
            super()._release()
            self.gone.notify_all()


def test_an_output_that_is_taken_away_is_silent_at_once_and_the_new_one_plays():
    old, stays, new = Parting("old"), Punctual("stays"), Punctual("new")
    outputs = Outputs([old, stays])
    outputs.send(on(1.0, 60))
    outputs.route([Device("stays"), new], 5.0)
    # At once, by the player itself: the thread that closes it may be busy with others.
    reset = [(5.0, message) for message in ("803c00", *RESET)]
    assert old.told[:5] == [(1.0, "903c50"), *reset]
    closed(old)
    assert old.told[5:] == ["release"]
    assert outputs.names == ("stays",)
    news(outputs)
    assert outputs.names == ("stays", "new")
    outputs.send(on(6.0, 64))
    outputs.close()
    assert new.told == ["connect", *((6.0, m) for m in ("904050", "804000", *RESET)), "release"]
    assert stays.told == [
        (1.0, "903c50"), (6.0, "904050"),
        *((6.0, m) for m in ("803c00", "804000", *RESET)), "release",
    ]  # fmt: skip
    assert (outputs.lost, outputs.back, list(outputs.notices)) == (0, 1, ["new: there"])


def test_an_output_that_is_awaited_and_not_wanted_any_more_is_let_go():
    lost, other = Parting("lost"), Device("other")
    lost.there = False
    outputs = Outputs([other], [lost])
    outputs.route([Device("other")], 5.0)
    closed(lost)
    lost.there = True
    outputs.route([Device("other"), late := Device("late")], 6.0)
    news(outputs)
    outputs.close()
    assert lost.told == ["release"]
    assert late.told == ["connect", "release"]


def test_an_output_that_is_awaited_and_wanted_still_is_awaited_once():
    lost, again = Device("lost", there=False), Device("lost")
    outputs = Outputs([Device("other")], [lost])
    outputs.route([again], 5.0)
    assert outputs.names == ()
    lost.there = True
    news(outputs)
    outputs.send(on(6.0, 60))
    outputs.close()
    assert lost.told == ["connect", "903c50", "803c00", *RESET, "release"]
    assert again.told == []


def test_outputs_that_sound_on_without_us_are_kept_in_mind_as_they_change():
    kept = []
    sounding = types.SimpleNamespace(outputs=kept.append, note=lambda message: None, close=list)
    old, new, brief = Device("old"), Device("new"), Device("brief")
    old.outlives_us = new.outlives_us = True
    outputs = Outputs([old], sounding=sounding)
    outputs.route([new, brief], 5.0)
    assert kept == [["new"]]
    while len(outputs.names) < 2:
        news(outputs)
    outputs.close()
    assert kept == [["new"]] * 3
