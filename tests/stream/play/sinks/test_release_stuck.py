"""A player is killed in the middle of a note; the next one ends it."""

import errno
import json
import os
import subprocess
import sys

import pytest

from stream.__main__ import main
from stream.play.sinks.active_notes import TABLE_BYTES
from stream.play.sinks.release_stuck import release_stuck_notes, silence
from stream.play.sinks.serialport import SerialSink
from tests.stream.conftest import DATA

CONTROLS = [f"b{channel:x}{control}00" for channel in range(16) for control in ("40", "7b", "78")]


@pytest.fixture
def folder(tmp_path):
    """Leave the file of a killed player: two active notes in an output that `leave` names."""
    folder = tmp_path / "perpetuum"
    folder.mkdir()

    def leave(*outputs):
        table = bytearray(TABLE_BYTES)
        table[60] = table[3 * 128 + 64] = 1
        (folder / "player-x").write_bytes(table + json.dumps(outputs).encode())
        return folder

    return leave


def everything(receiver):
    return [message.hex().replace(" ", "").lower() for message in receiver.messages()]


def test_its_outputs_are_opened_and_silenced(folder, receiver):
    folder = folder(f"serial:{receiver.device}")
    assert release_stuck_notes(folder, []) == [
        f"silenced serial:{receiver.device} after a killed player: 2 notes were active"
    ]
    assert list(folder.iterdir()) == []
    assert everything(receiver) == ["803c00", "834000", *CONTROLS]


def test_an_output_that_is_open_is_silenced_where_it_is(folder, receiver):
    sink = SerialSink(receiver.device)
    sink.connect()
    release_stuck_notes(folder(sink.name), [sink])
    sink.close()
    assert everything(receiver) == ["803c00", "834000", *CONTROLS]


def test_an_awaited_output_is_silenced_when_it_comes(folder, receiver):
    sink = SerialSink(receiver.device)
    release_stuck_notes(folder(sink.name), [], [sink])
    sink.connect()
    sink.resume(0.0)
    sink.close()
    assert everything(receiver) == ["803c00", "834000", *CONTROLS]


def test_what_is_not_there_is_left_for_the_next_time(folder, receiver):
    folder = folder("serial:/dev/none", "nonsense", f"serial:{receiver.device}")
    lines = release_stuck_notes(folder, [])
    assert [line.partition(":")[0] for line in lines] == [
        "not silenced",
        "not silenced",
        "silenced serial",
    ]
    assert len(list(folder.iterdir())) == 1


def test_by_command(folder, receiver):
    folder = folder(f"serial:{receiver.device}")
    done = subprocess.run(
        [sys.executable, "-m", "stream", "silence", "--out", f"serial:{receiver.device}"],
        cwd=DATA.parents[1],
        env={**os.environ, "XDG_RUNTIME_DIR": str(folder.parent)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        f"silenced serial:{receiver.device} after a killed player: 2 notes were active",
        f"silenced serial:{receiver.device}",
    ]
    assert everything(receiver) == ["803c00", "834000", *CONTROLS, *CONTROLS]


def test_what_is_left_is_told_by_the_exit_code(folder, capsys, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder("serial:/dev/none").parent))
    assert main(["silence"]) == 1
    assert capsys.readouterr().out.startswith("not silenced: --out serial:/dev/none")


def test_all_channels(receiver):
    assert silence(SerialSink(receiver.device)) == f"silenced serial:{receiver.device}"
    assert everything(receiver) == CONTROLS


@pytest.mark.parametrize("kind", ["file", "virtual", "fluidsynth", "audio", "null"])
def test_an_output_that_ends_with_its_player_is_not_opened(folder, tmp_path, kind):
    """Least of all a file, which would be written."""
    victim = tmp_path / "precious.mid"
    victim.write_bytes(b"precious")
    folder = folder(f"{kind}:{victim}")
    assert release_stuck_notes(folder, []) == [f"{kind}:{victim}: ended with its player"]
    assert list(folder.iterdir()) == []
    assert victim.read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["perpetuum", "precious.mid"]


def test_a_folder_that_others_may_write_to_is_left_alone(folder, receiver):
    folder = folder(f"serial:{receiver.device}")
    folder.chmod(0o777)
    (told,) = release_stuck_notes(folder, [])
    assert told == (
        f"not silenced: files of killed players in {folder}: belongs to another account, or is"
        " open to others; remove that folder, or set XDG_RUNTIME_DIR to one of your own"
    )
    assert [path.name for path in folder.iterdir()] == ["player-x"]
    assert everything(receiver) == []


def test_a_file_that_can_not_be_removed_is_told(folder, receiver, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    folder = folder(f"serial:{receiver.device}")
    monkeypatch.setattr(os, "unlink", denied)
    assert release_stuck_notes(folder, []) == [
        f"silenced serial:{receiver.device} after a killed player: 2 notes were active",
        f"{folder}/player-x: cannot be removed (Permission denied); remove it",
    ]
