import dataclasses
import errno
import os

import mido
import pytest

from stream.__main__ import main
from stream.commands import recompose
from stream.compose import queries
from stream.errors import RecordingError, SinkError
from stream.kept import facts
from stream.kept.stars import Stars
from stream.play.recording import keeper as keeping
from stream.play.recording.kept_file import read_parts
from stream.play.recording.recorder import Recorder
from tests.stream.commands.test_replay import HEADER, VoiceHere, listened
from tests.stream.compose.conftest import TINY


@pytest.fixture(autouse=True)
def _voices_here(monkeypatch):
    monkeypatch.setattr(recompose, "VoiceProcess", VoiceHere)
    monkeypatch.setattr(queries, "bound_time", lambda seconds: None)


@pytest.fixture(scope="module")
def heard():
    """Three tunes and the begin of a fourth, with controls moved, a cut and a repeat."""
    actions = [("listen", None), ("arrange", (0.5, {"transpose": 3})), ("repeat", 1)]
    return listened(*(actions * 9)[:24])


def tune_of(part):
    return part.source.tune


def record(folder, heard, *asked):
    """Record all, ask for each tune while its first phrase is in memory; return the notices."""
    own = Recorder(folder / "recordings", HEADER, 4)
    waiting = dict(asked)
    for part in heard:
        own.record_part(part)
        if not part.repeat and tune_of(part) in waiting:
            own.keep(tune_of(part), waiting.pop(tune_of(part)))
    own.close()
    return list(own.notices)


def kept(folder):
    return sorted((folder / "kept").glob("*.mid"))


def strikes(path):
    return [m.note for m in mido.MidiFile(path) if m.type == "note_on"]


def test_a_tune_is_kept_whole_while_it_plays_and_composed_again(tmp_path, heard):
    notices = record(tmp_path, heard, (0, 0), (1, 5))
    first, second = kept(tmp_path)
    assert [notice.partition(" (")[2] for notice in notices] == [
        f"{p.name})" for p in (first, second)
    ]
    for number, path in enumerate((first, second)):
        parts = [part for part in heard if not part.repeat and tune_of(part) == number]
        notes = [n.pitch for part in parts for n in part.phrase(None).notes]
        assert sorted(strikes(path)) == sorted(notes)
        assert main(["replay", str(path), "--voice", str(TINY)]) == 0
        told, header = facts.read(path)
        assert (told.tune, told.whole, header["seed"]) == (number, True, HEADER.seed)
        assert header["sha256"] == HEADER.sha256
        assert told.seconds == pytest.approx(mido.MidiFile(path).length, abs=0.1)
        assert told.latent == parts[0].source.latent != ""
        again = read_parts(path)
        assert [part.phrase(None).notes for part in again] == [
            part.phrase(None).notes for part in parts
        ]
        assert [part.source.letter for part in again] == [part.source.letter for part in parts]
    assert Stars(tmp_path / "kept").all() == {second.name: 5}


def test_a_tune_that_ends_with_the_music_is_kept_as_far_as_it_played(tmp_path, heard):
    last = tune_of(heard[-1])
    record(tmp_path, heard, (last, 0))
    (path,) = kept(tmp_path)
    assert not facts.read(path)[0].whole


def test_names_are_never_used_twice_and_nothing_is_kept_twice(tmp_path, heard):
    (tmp_path / "kept").mkdir()
    other = tmp_path / "kept" / "0041-mine.mid"
    other.write_bytes(b"mine")
    own = Recorder(tmp_path / "recordings", HEADER, 4)
    for part in heard:
        own.record_part(part)
        if not part.repeat and tune_of(part) == 1:
            own.keep(1)
    own.close()
    assert [path.name[:5] for path in kept(tmp_path)] == ["0041-", "0042-"]
    assert other.read_bytes() == b"mine"
    record(tmp_path, heard, (1, 0))
    assert [path.name[:4] for path in kept(tmp_path)] == ["0041", "0042", "0043"]


def test_a_tune_of_long_ago_is_refused(tmp_path, heard, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_TUNES", 1)
    own = Recorder(tmp_path / "recordings", HEADER, 4)
    for part in heard:
        own.record_part(part)
    with pytest.raises(SinkError, match="keep: tune 1 is no longer in memory"):
        own.keep(0)
    own.close()


def failing(number):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_takes_nothing_is_told_in_a_line(tmp_path, heard, monkeypatch, number):
    monkeypatch.setattr(keeping.atomic_write, "create_durably", failing(number))
    monkeypatch.setattr(keeping.Keeper, "_check_room", lambda *_: None)
    own = Recorder(tmp_path / "recordings", HEADER, 4)
    own._folder_files.process = lambda parts: [part() for part in parts if callable(part)]
    for part in heard:
        own.record_part(part)
        if not own.keeper.waiting and part is heard[0]:
            own.keep(0)
    own.close()
    told = [notice for notice in own.notices if "cannot be kept" in notice]
    why = f"tune 1 cannot be kept ({os.strerror(number)}); the music continues"
    assert told == [f"kept tunes in {tmp_path / 'kept'}: {why}"]
    assert kept(tmp_path) == []


def test_a_folder_that_is_a_file_is_told(tmp_path, heard):
    (tmp_path / "kept").touch()
    assert any("(File exists)" in notice for notice in record(tmp_path, heard, (0, 0)))


def test_a_damaged_file_is_refused(tmp_path, heard):
    record(tmp_path, heard, (0, 0))
    (path,) = kept(tmp_path)
    data = path.read_bytes()
    for damaged in (b"", data[:40], data.replace(b'"sources":"', b'"sources":"x'), b"MThd" + data):
        path.write_bytes(damaged)
        with pytest.raises(RecordingError, match=r"0001-.*\.mid: "):
            read_parts(path)


def test_other_files_are_no_kept_tunes(tmp_path, heard):
    own = Recorder(tmp_path / "recordings", HEADER, 4)
    for name in ("../0001-x.mid", "0001-x.txt", "x.mid", "/etc/0001-x.mid"):
        with pytest.raises(RecordingError, match="is not the name of a kept tune"):
            own.ask(own.keeper.load, name)
    own.close()
    assert dataclasses.replace(HEADER).kept is None
