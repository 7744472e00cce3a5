"""What a killed player leaves behind: by real processes, really killed."""

import os
import signal
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.play.sounding import Sounding, left_behind, runtime_folder
from tests.stream.play.conftest import DATA, off, on

KILLED = """
import os, pathlib, signal, sys
from stream.play.sounding import Sounding
from tests.stream.play.conftest import off, on
sounding = Sounding(pathlib.Path(sys.argv[1]), ["serial:/dev/x", "port:A B"])
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
    with left_behind(tmp_path) as found:
        (left,) = found
        assert left.outputs == ("serial:/dev/x", "port:A B")
        assert left.notes == ((0, 0), (15, 127))
        with left_behind(tmp_path) as again:
            assert again == ()  # somebody sees to it already


def test_a_living_player_is_left_alone(tmp_path):
    sounding = Sounding(tmp_path, ["serial:/dev/x"])
    with left_behind(tmp_path) as found:
        assert found == ()
    sounding.close()
    assert list(tmp_path.iterdir()) == []


@given(data=st.binary(max_size=3000))
def test_whatever_the_file_holds(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("runtime")
    (folder / "player-x").write_bytes(data)
    with left_behind(folder) as (left,):
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
        Sounding(tmp_path / "theirs", [])


def test_the_notes_of_all_channels_have_their_place(tmp_path):
    sounding = Sounding(tmp_path, [])
    for channel in range(16):
        for pitch in range(128):
            sounding.note(on(0.0, pitch, channel=channel).message)
            sounding.note(off(0.0, pitch, channel=channel).message)
    (path,) = tmp_path.iterdir()
    assert path.read_bytes() == bytes(2048) + b"[]"
    sounding.close()


def test_a_service_with_a_user_of_its_own_making_is_given_a_link(monkeypatch, tmp_path):
    (tmp_path / "private").mkdir()
    (tmp_path / "perpetuum").symlink_to("private")
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path / "perpetuum"))
    sounding = Sounding(runtime_folder(), ["serial:/dev/x"])
    assert len(list((tmp_path / "private").iterdir())) == 1
    sounding.close()
