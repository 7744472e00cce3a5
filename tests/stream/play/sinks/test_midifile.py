import mido
import pytest

from stream.errors import SinkError
from stream.note import Note, Phrase
from stream.play.scheduler import timeline
from stream.play.sinks.midifile import MidiFileSink
from tests.stream.play.conftest import RESET, on, tail

PHRASES = [
    Phrase(
        (Note(0, 24, 60), Note(32, 16, 62)), 192, 97.0, index=0, tune=0, style="", voice="", seed=0
    ),
    Phrase((Note(48, 144, 64),), 192, 181.5, index=1, tune=0, style="", voice="", seed=0),
]


def track(path):
    (track,) = mido.MidiFile(path).tracks
    return [(m.time, m.bytes()[:3] if not m.is_meta else m.type) for m in track]


def test_a_recording_can_be_played_after_each_phrase(tmp_path):
    path = tmp_path / "a.mid"
    sink = MidiFileSink(path)
    start = 1234.5
    expected = []
    for phrase, events, rest in zip(
        PHRASES,
        (
            [
                (0, "set_tempo"),
                (0, [0x90, 60, 80]),
                (240, [0x80, 60, 0]),
                (80, [0x90, 62, 80]),
                (160, [0x80, 62, 0]),
            ],
            [(1440, "set_tempo"), (480, [0x90, 64, 80]), (1440, [0x80, 64, 0])],
        ),
        (1440, 0),
        strict=True,
    ):
        line = timeline(phrase, start)
        for timed in line.messages:
            sink.send(timed)
        sink.flush(line.end)
        start = line.end
        expected += events
        assert track(path) == [*expected, (rest, "end_of_track")]
        assert mido.MidiFile(path).ticks_per_beat == 480
    sink.close()
    assert tail(list(mido.MidiFile(path).tracks[0])[:-1]) == RESET


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
    ticks = sum(m.time for m in mido.MidiFile(tmp_path / "a.mid").tracks[0])
    assert ticks == 300 * 1920


def test_memory_is_a_phrase_at_most(tmp_path):
    sink = MidiFileSink(tmp_path / "a.mid")
    sink.send(on(0.0, 60))
    sink.flush(1.0)
    assert len(sink._events) == 0
    sink.close()


def test_an_old_recording_stays_until_there_is_a_new_one(tmp_path):
    path = tmp_path / "a.mid"
    path.write_bytes(b"precious")
    sink = MidiFileSink(path)
    assert path.read_bytes() == b"precious"
    sink.send(on(0.0, 60))
    sink.close()
    assert track(path)[0] == (0, [0x90, 60, 80])


def test_no_such_folder(tmp_path):
    with pytest.raises(SinkError, match=r"--out file:.*a.mid: .*No such file.*; name a file"):
        MidiFileSink(tmp_path / "none" / "a.mid")


def test_a_full_disk():
    sink = MidiFileSink("/dev/full")
    sink.send(on(0.0, 60))
    with pytest.raises(SinkError, match="what was recorded before is kept"):
        sink.flush(1.0)
    with pytest.raises(SinkError):
        sink.close()
