"""The files that killed players leave, made by real processes that are killed."""

import errno
import json
import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.play.sinks.active_notes import TABLE_BYTES, ActiveNotes, abandoned_files, runtime_folder
from tests.stream.conftest import DATA, off, on

KILLED = """
import os, pathlib, signal, sys
from stream.play.sinks.active_notes import ActiveNotes
from tests.stream.conftest import off, on
sounding = ActiveNotes(pathlib.Path(sys.argv[1]), ["serial:/dev/x", "port:A B"])
for timed in (on(0, 60), on(0, 127, channel=15), on(0, 0), off(0, 60)):
    sounding.note(timed.message)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_player_leaves_what_sounds(tmp_path):
    child = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(DATA.parents[1])},
        check=False,
    )
    assert child.returncode == -signal.SIGKILL
    with abandoned_files(tmp_path) as found:
        (left,) = found
        assert left.outputs == ("serial:/dev/x", "port:A B")
        assert left.notes == ((0, 0), (15, 127))
        with abandoned_files(tmp_path) as again:
            assert again == ()  # somebody sees to it already


def test_a_living_player_is_left_alone(tmp_path):
    active_notes = ActiveNotes(tmp_path, ["serial:/dev/x"])
    with abandoned_files(tmp_path) as found:
        assert found == ()
    active_notes.close()
    assert list(tmp_path.iterdir()) == []


@given(data=st.binary(max_size=3000))
def test_whatever_the_file_holds(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("runtime")
    (folder / "player-x").write_bytes(data)
    with abandoned_files(folder) as (left,):
        assert all(0 <= c < 16 and 0 <= p < 128 for c, p in left.notes)
        assert all(isinstance(output, str) for output in left.outputs)


def test_where_it_lies(monkeypatch):
    monkeypatch.setenv("RUNTIME_DIRECTORY", "/run/perpetuum:/run/other")
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/run/user/5")
    assert str(runtime_folder()) == "/run/perpetuum"
    monkeypatch.delenv("RUNTIME_DIRECTORY")
    assert str(runtime_folder()) == "/run/user/5/perpetuum"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    assert runtime_folder().name == f"perpetuum-{os.getuid()}"


def test_no_folder_of_somebody_else_is_used(tmp_path):
    (tmp_path / "theirs").symlink_to(tmp_path)
    with pytest.raises(PermissionError, match="belongs to another account"):
        ActiveNotes(tmp_path / "theirs", [])


def test_the_notes_of_all_channels_have_their_place(tmp_path):
    active_notes = ActiveNotes(tmp_path, [])
    for channel in range(16):
        for pitch in range(128):
            active_notes.note(on(0.0, pitch, channel=channel).message)
            active_notes.note(off(0.0, pitch, channel=channel).message)
    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == bytes(2048) + b"[]"
    active_notes.close()


def test_a_service_with_a_user_of_its_own_making_is_given_a_link(monkeypatch, tmp_path):
    (tmp_path / "private").mkdir()
    (tmp_path / "perpetuum").symlink_to("private")
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "perpetuum"))
    active_notes = ActiveNotes(runtime_folder(), ["serial:/dev/x"])
    assert len(list((tmp_path / "private").iterdir())) == 1
    active_notes.close()


@pytest.fixture
def another_account(monkeypatch):
    """Let the file belong to another account."""

    def give_away(path):
        if os.getuid() == 0:
            os.chown(path, 12345, 12345, follow_symlinks=False)
        else:
            stranger = os.getuid() + 1
            monkeypatch.setattr(os, "getuid", lambda: stranger)

    return give_away


def plant(folder, output):
    """A file that names an output, as a killed player would leave it."""
    table = bytearray(TABLE_BYTES)
    table[60] = 1
    (folder / "player-x").write_bytes(table + json.dumps([output]).encode())


def test_a_folder_that_another_account_has_made_is_not_believed(tmp_path, another_account):
    plant(tmp_path, "serial:/dev/x")
    another_account(tmp_path)
    with (
        pytest.raises(PermissionError, match="belongs to another account"),
        abandoned_files(tmp_path),
    ):
        pytest.fail("it was read")
    with pytest.raises(PermissionError, match="belongs to another account"):
        ActiveNotes(tmp_path, [])
    assert [path.name for path in tmp_path.iterdir()] == ["player-x"]


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_a_folder_that_others_may_write_to_is_not_believed(tmp_path, mode):
    plant(tmp_path, "serial:/dev/x")
    tmp_path.chmod(mode)
    with pytest.raises(PermissionError, match="open to others"), abandoned_files(tmp_path):
        pytest.fail("it was read")
    with pytest.raises(PermissionError, match="open to others"):
        ActiveNotes(tmp_path, [])


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_account_is_passed_over(tmp_path, another_account):
    plant(tmp_path, "serial:/dev/x")
    another_account(tmp_path / "player-x")
    with abandoned_files(tmp_path) as found:
        assert found == ()


STRANGE = {
    "fifo": os.mkfifo,
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "link": lambda path: path.symlink_to(path.with_name("aside")),
    "folder": os.mkdir,
    "huge": lambda path: (path.touch(), os.truncate(path, 2**40)),
    "open": lambda path: (path.write_bytes(bytes(TABLE_BYTES) + b"[]"), path.chmod(0o666)),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_no_file_of_a_player_is_passed_over(tmp_path, kind):
    """Nothing is waited for, and nothing without end is read."""
    folder = tmp_path / "perpetuum"
    folder.mkdir()
    plant(folder, "serial:/dev/x")
    (folder / "player-x").rename(folder / "aside")
    STRANGE[kind](folder / "player-y")
    with abandoned_files(folder) as found:
        assert found == ()
    plant(folder, "serial:/dev/x")
    with abandoned_files(folder) as found:
        assert [left.path.name for left in found] == ["player-x"]


def test_a_file_that_can_not_be_removed_at_the_end_is_no_fault(tmp_path, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    active_notes = ActiveNotes(tmp_path, ["serial:/dev/x"])
    monkeypatch.setattr(os, "unlink", denied)
    active_notes.close()
    with abandoned_files(tmp_path) as (left,):
        assert (left.outputs, left.notes) == (("serial:/dev/x",), ())


def test_memory_that_runs_out_is_an_error_at_the_start(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space left"):
        ActiveNotes(tmp_path, [])
    assert list(tmp_path.iterdir()) == []


def test_a_relative_runtime_directory_is_ignored(monkeypatch):
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "run")
    assert runtime_folder().name == f"perpetuum-{os.getuid()}"
