"""Outputs that come and go, and what each of them is told."""

import os
import select
import threading
import types

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.errors import SinkError
from stream.play.sinks.base import Sink
from stream.play.sinks.router import Router, match_outputs
from stream.play.sinks.rtmidi import PortSink
from stream.play.sinks.spec import sink_of
from tests.stream.conftest import off, on


class Device(Sink):
    """Breaks when `broken`; can be connected while `there`; keeps what it is told."""

    def __init__(self, name="device", *, may_return=True, there=True):
        super().__init__(name)
        self.may_return = may_return
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
        outputs.process_ready(ready, 7.0)


RESET = ["b04000", "b07b00", "b07800"]


def test_a_lost_device_comes_back_reset_and_set_again(device):
    other = Device("other")
    outputs = Router([device, other])
    for timed in (program(0.0, 40), on(0.0, 60), on(0.0, 64)):
        outputs.send(timed)
    device.broken = True
    for timed in (off(1.0, 60), on(1.0, 67)):
        outputs.send(timed)
    assert (outputs.names, outputs.lost, outputs.reconnected) == (("other",), 1, 0)
    news(outputs)
    assert (outputs.names, outputs.lost, outputs.reconnected) == (("other", "device"), 1, 1)
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
    assert list(outputs.notices) == ["device: lost", "device: connected"]


def program(time, number):
    import mido

    from stream.play.timing.scheduler import ON, TimedMessage

    return TimedMessage(time, ON, mido.Message("program_change", program=number))


def test_a_device_that_hangs_up_is_noticed_in_a_rest(device):
    outputs = Router([device, Device("other")])
    os.write(device.far_end, b"!")
    news(outputs)
    assert outputs.lost == 1
    news(outputs)
    assert outputs.reconnected == 1
    outputs.close()


def test_a_device_without_a_pulse_is_lost():
    device = Device()
    device.needs_polling = True
    outputs = Router([device])
    device.quiet = True
    news(outputs, 2)
    assert list(outputs.notices) == ["device: lost (it has stopped)", "device: connected"]
    device.quiet = True
    news(outputs, 2)
    assert (outputs.lost, outputs.reconnected) == (2, 2)
    outputs.close()


def test_a_setting_that_was_missed_is_told_later():
    device = Device(there=False)
    outputs = Router([Device("other")], [device])
    outputs.send(program(0.0, 40))
    outputs.send(program(1.0, 41))
    device.there = True
    news(outputs)
    assert device.told == ["connect", "c029"]
    outputs.close()


def test_a_device_that_comes_with_the_end_is_silenced(device):
    outputs = Router([device, Device("other")])
    outputs.send(on(0.0, 60))
    device.broken = True
    outputs.send(off(1.0, 60))
    assert select.select(outputs.files(), [], [], 30)[0]  # it is there, but nobody has attended
    outputs.close()
    assert device.told == ["903c50", "release", "connect", "803c00", *RESET, "release"]


def test_an_absent_device_is_awaited():
    device = Device(there=False)
    outputs = Router([], [device])
    outputs.send(on(0.0, 60))
    device.there = True
    news(outputs)
    outputs.send(on(1.0, 62))
    outputs.close()
    assert device.told == ["connect", "903e50", "803e00", *RESET, "release"]


def test_a_device_that_breaks_while_it_is_reset_is_lost_again(device):
    outputs = Router([device])
    outputs.send(on(0.0, 60))
    device.broken = True
    outputs.send(off(1.0, 60))
    device.connect = lambda: None  # it stays broken
    news(outputs)
    assert (outputs.lost, outputs.reconnected, outputs.names) == (2, 1, ())
    del device.connect
    news(outputs)
    assert (outputs.lost, outputs.reconnected, outputs.names) == (2, 2, ("device",))
    assert device.told[-6:] == ["release", "connect", "803c00", *RESET]
    outputs.close()


def test_what_does_not_return_is_the_end():
    recording = Device("recording", may_return=False)
    outputs = Router([recording])
    recording.broken = True
    with pytest.raises(SinkError, match="recording: lost"):
        outputs.send(on(0.0, 60))
    outputs.close()


def test_an_output_that_is_lost_at_the_end_is_only_noticed(device):
    outputs = Router([device])
    outputs.send(on(0.0, 60))
    device.broken = True
    outputs.silence(1.0)
    outputs.close()
    assert list(outputs.notices) == ["device: lost", "device: lost"]
    assert device.told == ["903c50", "release"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_the_program_is_not_kept_quiet(device):
    """Else a box would play on for years and never connect its outputs again."""
    outputs = Router([device, Device("other")])
    device.connect = lambda: 1 // 0
    device.broken = True
    outputs.send(on(0.0, 60))
    with pytest.raises(RuntimeError, match="cannot be connected again"):
        news(outputs)
    with pytest.raises(RuntimeError):
        outputs.close()


def played_to(outputs, wanted):
    """Wait until all that are wanted play."""
    while len(outputs.names) < wanted:
        news(outputs)


def notes_of(path):
    return [m.note for m in mido.merge_tracks(mido.MidiFile(path).tracks) if m.type == "note_on"]


def test_the_same_outputs_named_again_are_the_same_outputs(tmp_path, monkeypatch):
    """No thread is left behind, and the recording goes on as it is."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path)
    outputs = Router([sink_of("null")])
    spellings = ["file:a.mid", f"file:{tmp_path}/a.mid", "file:./a.mid", "file:link/a.mid"]
    outputs.route([sink_of("file:a.mid"), sink_of("null")], 0.0)
    played_to(outputs, 2)
    before = threading.active_count()
    for count in range(100):
        outputs.send(on(float(count), count))
        outputs.flush(count + 0.5)
        requested = [*spellings[: 1 + count % 4], "null"]
        outputs.route([sink_of(spec) for spec in requested], float(count))
        assert outputs.names == ("null", "file:a.mid")
        assert threading.active_count() == before
    outputs.close()
    assert notes_of("a.mid") == list(range(100))
    assert threading.active_count() == before - 2


def test_a_recording_that_is_chosen_again_goes_on(tmp_path):
    path = tmp_path / "a.mid"
    outputs = Router([sink_of("null")])
    for count in range(3):
        outputs.route([sink_of(f"file:{path}"), sink_of("null")], 2.0 * count)
        played_to(outputs, 2)
        outputs.send(on(2.0 * count, 60 + count))
        outputs.flush(2.0 * count + 1.0)
        outputs.route([sink_of("null")], 2.0 * count + 1.0)
    outputs.close()
    assert notes_of(path) == [60, 61, 62]


def test_what_is_refused_leaves_nothing_behind(tmp_path):
    before = threading.active_count()
    for _ in range(20):
        with pytest.raises(SinkError):
            [sink_of(spec) for spec in (f"file:{tmp_path}/a.mid", f"file:{tmp_path}/no/b.mid")]
    assert threading.active_count() == before
    assert list(tmp_path.iterdir()) == []


POOL = ("a", "b", "c", "d")


@given(st.lists(st.lists(st.sampled_from(POOL), min_size=1, max_size=6), min_size=1, max_size=6))
@settings(max_examples=30, deadline=None)
def test_only_what_is_new_is_opened_and_only_what_is_gone_is_closed(routes):
    first = Device("a")
    there, made = {"a": first}, [first]
    outputs = Router([first])
    try:
        for names in routes:
            requested = [Device(name) for name in names]
            outputs.route(requested, 1.0)
            played_to(outputs, len(set(names)))
            assert sorted(outputs.names) == sorted(set(names))
            there = {name: there.get(name) for name in set(names)}
            for sink in requested:
                if "connect" in sink.told:
                    assert there[sink.name] is None
                    there[sink.name] = sink
                    made.append(sink)
            assert all(there.values())
            assert all("release" not in sink.told for sink in there.values())
    finally:
        outputs.close()
        for sink in made:
            assert sink.told.count("release") == 1
            os.close(sink.hang_up)
            os.close(sink.far_end)


def port(found):
    """One that has found its instrument."""
    sink = PortSink(found)
    sink._found = f"{found} 24:0"
    return sink


UM, ROLAND = "UM-ONE:UM-ONE MIDI 1", "Roland:Roland MIDI 1"


@pytest.mark.parametrize(
    ("requested", "staying", "new"),
    [
        ([f"port:{UM}"], [UM], []),
        (["port:um-one"], [UM], []),
        (["port"], [UM], []),
        (["port", f"port:{ROLAND}"], [ROLAND], []),
        (["port:rol", "port:um"], [UM, ROLAND], []),
        (["port:Korg", "port:rol"], [ROLAND], ["port:Korg"]),
        (["null"], [], ["null"]),
        (["osc:localhost:9001", "osc:LOCALHOST:9001"], [], ["osc:localhost:9001"]),
        (["serial:/dev/null", "serial:/dev/null@31250"], [], ["serial:/dev/null"]),
    ],
)
def test_an_output_is_known_however_it_was_named(requested, staying, new):
    found = match_outputs([port(UM), port(ROLAND)], [sink_of(spec) for spec in requested])
    assert sorted(sink.name for sink in found[0]) == sorted(f"port:{name}" for name in staying)
    assert [sink.name for sink in found[1]] == new


def test_where_no_thread_can_be_had_what_is_lost_is_sought_later(device, monkeypatch):
    def none(_):
        raise RuntimeError("can't start new thread")

    other = Device("other")
    outputs = Router([device, other])
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

    outputs = Router([device], active_notes=Full())
    outputs.route([], 1.0)
    assert list(outputs.notices) == [
        "notes cannot be ended after a kill -9 (No space left on device)"
    ]
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
    outputs = Router([old, stays])
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
    assert (outputs.lost, outputs.reconnected, list(outputs.notices)) == (0, 1, ["new: connected"])


def test_an_output_that_is_awaited_and_not_wanted_any_more_is_let_go():
    lost, other = Parting("lost"), Device("other")
    lost.there = False
    outputs = Router([other], [lost])
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
    outputs = Router([Device("other")], [lost])
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
    active_notes = types.SimpleNamespace(outputs=kept.append, note=lambda message: None, close=list)
    old, new, brief = Device("old"), Device("new"), Device("brief")
    old.outlives_player = new.outlives_player = True
    outputs = Router([old], active_notes=active_notes)
    outputs.route([new, brief], 5.0)
    assert kept == [["new"]]
    while len(outputs.names) < 2:
        news(outputs)
    outputs.close()
    assert kept == [["new"]] * 3
