import contextlib
import errno
import os
import pathlib
import resource
import struct
import subprocess
import sys
import threading

import mido
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stream.errors import SinkError
from stream.music.note import Note, Phrase
from stream.play.recording import writer_thread
from stream.play.sinks.midifile import MidiFileSink
from stream.play.timing.scheduler import TEMPO, TimedMessage, timeline
from stream.util.realtime import real_time
from tests.stream.conftest import DATA, RESET, off, on, tail
from tests.stream.play.sinks.strict import forgiving, one_track, strict

PHRASES = [
    Phrase(
        (Note(0, 24, 60), Note(32, 16, 62)), 192, 97.0, index=0, tune=0, style="", voice="", seed=0
    ),
    Phrase((Note(48, 144, 64),), 192, 181.5, index=1, tune=0, style="", voice="", seed=0),
]


def music(path):
    """[(tick, event bytes)] and the tick of the end, read in two ways."""
    image = one_track(path)
    assert strict(image) == forgiving(image)
    return strict(image)


def settle(sink):
    """Wait until the flushes so far are on the disk."""
    if sink._writer is not None:
        sink._writer.close()
        sink._writer = writer_thread.WriterThread(sink._track.grow)


def tempo(time, beat):
    message = mido.MetaMessage("set_tempo", tempo=beat)
    return TimedMessage(time, TEMPO, message)


def test_a_recording_can_be_played_after_each_phrase(tmp_path):
    path = tmp_path / "a.mid"
    sink = MidiFileSink(path)
    start = 1234.5
    expected = []
    for phrase, events, end in zip(
        PHRASES,
        (
            [
                (0, b"\xff\x51\x03\x09\x70\x3d"),
                (0, b"\x90\x3c\x50"),
                (240, b"\x80\x3c\x00"),
                (320, b"\x90\x3e\x50"),
                (480, b"\x80\x3e\x00"),
            ],
            [
                (1920, b"\xff\x51\x03\x05\x0b\x53"),
                (2400, b"\x90\x40\x50"),
                (3840, b"\x80\x40\x00"),
            ],
        ),
        (1920, 3840),
        strict=True,
    ):
        line = timeline(phrase, start)
        for timed in line.messages:
            sink.send(timed)
        sink.flush(line.end)
        settle(sink)
        start = line.end
        expected += events
        assert music(path) == (expected, end)
    sink.close()
    assert tail(list(mido.MidiFile(path).tracks[1])[:-1]) == RESET


MESSAGES = st.lists(
    st.tuples(
        st.one_of(
            st.sampled_from([0.0, 0.001, 0.25, 4.0]), st.floats(0, 9.0, allow_subnormal=False)
        ),
        st.one_of(
            st.builds(on, st.just(0.0), st.integers(0, 127)),
            st.builds(off, st.just(0.0), st.integers(0, 127)),
            st.builds(tempo, st.just(0.0), st.integers(200_000, 3_000_000)),
            st.just(None),
        ),
    ),
    max_size=30,
)


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(MESSAGES, st.sampled_from([0.0, 4321.0987]))
def test_flushes_change_nothing(tmp_path_factory, steps, start):
    """Flushes may come anywhere; a step None is one."""
    folder = tmp_path_factory.mktemp("flushes")
    flushed, hurried, plain = (
        MidiFileSink(folder / name) for name in ("flushed.mid", "hurried.mid", "plain.mid")
    )
    time = start
    for wait, timed in steps:
        time += wait
        for sink in (flushed, hurried, plain):
            if timed:
                sink.send(TimedMessage(time, timed.order, timed.message))
        if timed is None:
            flushed.flush(time)
            hurried.flush(time)
            settle(hurried)
    for sink in (flushed, hurried, plain):
        sink.silence(time)
        sink.close()
    if any(timed for _, timed in steps):
        assert music(folder / "flushed.mid") == music(folder / "plain.mid")
        assert (folder / "flushed.mid").read_bytes() == (folder / "hurried.mid").read_bytes()
    else:
        assert list(folder.iterdir()) == []


def test_a_flush_with_nothing_new_adds_nothing(tmp_path):
    path = tmp_path / "a.mid"
    sink = MidiFileSink(path)
    sink.flush(0.5)
    sink.send(on(1.0, 60))
    sink.flush(2.0)
    settle(sink)
    before = path.read_bytes()
    sink.flush(2.0)
    sink.flush(1.0)
    settle(sink)
    assert path.read_bytes() == before
    assert music(path) == ([(0, b"\x90\x3c\x50")], 960)
    sink.close()


def test_it_does_not_drift(tmp_path):
    sink = MidiFileSink(tmp_path / "a.mid")
    start = 9876.54321
    for index in range(300):
        line = timeline(PHRASES[index % 2], start)
        for timed in line.messages:
            sink.send(timed)
        start = line.end
    sink.flush(start)
    sink.close()
    ticks = sum(m.time for m in mido.MidiFile(tmp_path / "a.mid").tracks[1])
    assert ticks == 300 * 1920


def test_memory_is_a_phrase_at_most(tmp_path):
    sink = MidiFileSink(tmp_path / "a.mid")
    sink.send(on(0.0, 60))
    sink.flush(1.0)
    assert len(sink._events) == 0
    sink.close()


def test_an_old_recording_stays_beside_the_new_one(tmp_path):
    path = tmp_path / "a.mid"
    path.write_bytes(b"precious")
    MidiFileSink(path).close()
    assert [each.name for each in tmp_path.iterdir()] == ["a.mid"]
    sinks = [MidiFileSink(path) for _ in range(2)]
    for number, sink in enumerate(sinks):
        assert sink.name == f"file:{tmp_path}/a-2.mid"
        sink.send(on(0.0, 60 + number))
        sink.close()
    assert path.read_bytes() == b"precious"
    assert music(tmp_path / "a-2.mid")[0][0] == (0, b"\x90\x3c\x50")
    assert music(tmp_path / "a-3.mid")[0][0] == (0, b"\x90\x3d\x50")
    there = f"{path} exists and is kept; recording to file:{tmp_path}/a-2.mid"
    made = f"{tmp_path}/a-2.mid was created by another program; recording to {tmp_path}/a-3.mid"
    assert [list(sink.notices) for sink in sinks] == [[there], [there, made]]


def test_the_new_name_is_told_as_the_listener_writes_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pathlib.Path("a.mid").touch()
    sink = MidiFileSink(pathlib.Path("a.mid"))
    sink.close()
    assert sink.name == "file:a-2.mid"


def test_a_recording_that_is_removed_while_it_grows_is_written_again_and_told(tmp_path):
    path = tmp_path / "a.mid"
    sink = MidiFileSink(path)
    sink.send(on(0.0, 60))
    sink.flush(1.0)
    settle(sink)
    path.unlink()
    sink._writer = writer_thread.WriterThread(sink._write_parts)
    sink.send(off(2.0, 60))
    sink.close()
    assert music(path)[0][:2] == [(0, b"\x90\x3c\x50"), (1920, b"\x80\x3c\x00")]
    assert list(sink.notices) == [f"{path} was removed during recording; it is written again"]


def test_a_link_stays_a_link(tmp_path):
    path = tmp_path / "a.mid"
    path.symlink_to(tmp_path / "b.mid")
    sink = MidiFileSink(path)
    sink.send(on(0.0, 60))
    sink.close()
    assert path.is_symlink()
    assert music(tmp_path / "b.mid")[0][0] == (0, b"\x90\x3c\x50")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none/a.mid", "No such file or directory"),
        (".", "it is not a regular file"),
        ("/dev/full", "it is not a regular file"),
    ],
)
def test_what_can_not_be_written(tmp_path, name, reason):
    with pytest.raises(SinkError, match=rf"--out file:.*cannot be .*\({reason}\); name a file"):
        MidiFileSink(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_can_only_be_read(tmp_path, monkeypatch):
    def touch(_path):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(pathlib.Path, "touch", touch)
    with pytest.raises(SinkError, match=r"--out file:.*a.mid: .*\(Read-only file system\); name a"):
        MidiFileSink(tmp_path / "a.mid")


@contextlib.contextmanager
def files_of_at_most(size):
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_keeps_what_was_recorded(tmp_path):
    path = tmp_path / "a.mid"
    sink = MidiFileSink(path)
    full = r"file:.*a\.mid: lost \(File too large\); what was recorded before is kept"
    with files_of_at_most(100):
        for time in range(10):
            sink.send(on(float(time), 60 + time))
        sink.flush(9.0)
        settle(sink)
        before = music(path)
        for time in range(10, 20):
            sink.send(on(float(time), 60 + time))
        sink.flush(19.0)
        sink._writer._thread.join()
        with pytest.raises(SinkError, match=full):
            sink.flush(20.0)
        with pytest.raises(SinkError, match=full):
            sink.close()
        sink.close()
    assert music(path) == before
    assert len(before[0]) == 10


def test_the_writing_thread_is_an_ordinary_one(tmp_path):
    before = MidiFileSink(tmp_path / "a.mid")
    with real_time():
        amid = MidiFileSink(tmp_path / "b.mid")
        for sink in (before, amid):
            sink.connect()
            thread = sink._writer._thread
            assert os.sched_getscheduler(thread.native_id) == os.SCHED_OTHER
    before.close()
    amid.close()


def test_no_thread_outlives_its_recording(tmp_path):
    threads = threading.active_count()
    sink = MidiFileSink(tmp_path / "a.mid")
    assert threading.active_count() == threads  # it may only be looked at
    sink.connect()
    assert threading.active_count() == threads + 1
    sink.close()
    assert threading.active_count() == threads


def test_a_recording_goes_on_where_it_ended(tmp_path):
    path = tmp_path / "a.mid"
    sink = MidiFileSink(path)
    for begin in (0.0, 10.0):
        sink.connect()
        sink.send(on(begin, 60))
        sink.send(off(begin + 1.0, 60))
        sink.flush(begin + 1.0)
        sink.close()
    events, _ = music(path)
    assert [event for event in events if event[1][0] != 0xB0] == [
        (0, b"\x90\x3c\x50"), (960, b"\x80\x3c\x00"),
        (9600, b"\x90\x3c\x50"), (10560, b"\x80\x3c\x00"),
    ]  # fmt: skip


@pytest.mark.parametrize("change", [pathlib.Path.unlink, lambda path: path.write_bytes(b"other")])
def test_a_recording_that_is_not_there_any_more_does_not_go_on(tmp_path, change):
    path = tmp_path / "a.mid"
    sink = MidiFileSink(path)
    sink.send(on(0.0, 60))
    sink.close()
    change(path)
    left = path.read_bytes() if path.exists() else None
    with pytest.raises(SinkError, match="lost"):
        sink.connect()
    assert (path.read_bytes() if path.exists() else None) == left


def recorder(path):
    command = [sys.executable, str(DATA / "record_endless.py"), str(path)]
    environment = {**os.environ, "PYTHONPATH": str(DATA.parents[1])}
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)


def test_a_kill_costs_less_than_five_seconds(tmp_path):
    """20 of them, at moments that the machine draws, after 0 to 220 s of music and more."""
    for kill in range(20):
        path = tmp_path / f"{kill}.mid"
        with recorder(path) as child:
            said = child.stdout.read(8 * (1 + 47 * kill))
            child.kill()
            said += child.stdout.read()
        last = struct.unpack_from("d", said, len(said) // 8 * 8 - 8)[0]
        if not path.exists():
            assert last < 5
            continue
        for events, end in (read(path.read_bytes()) for read in (strict, forgiving)):
            played = range(len(events))
            assert events == [(240 * step, bytes([0x90, step % 128, 80])) for step in played]
            assert last - end / 960 < 5
