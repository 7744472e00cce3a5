"""`perpetuum pairs` on the files of accounts and services."""

import json
import os

import pytest

from stream.__main__ import main
from stream.pairs import folder as folder_module
from stream.pairs.document import Pair, digest_of
from stream.pairs.folder import pairs_folder, pairs_folders
from stream.pairs.sessions import Sessions
from stream.pairs.store import PairStore


@pytest.fixture
def home(tmp_path, monkeypatch):
    """The state folder of this account, and none of services."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(folder_module, "SERVICES", (str(tmp_path / "lib"),))
    return tmp_path / "perpetuum" / "pairs"


def pair(store, *names):
    for name in names:
        new = Pair(digest_of(name), name, "2026-01-02 03:04", "2026-01-03")
        store.change(lambda pairs, new=new: pairs.with_pair(new))


def test_browsers_are_listed_and_revoked_by_name(home, capsys):
    store = PairStore(home)
    pair(store, "iPhone Safari 1", "iPad Safari 2", "Linux Chrome 3")
    assert main(["pairs"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == (
        "iPhone Safari 1  paired 2026-01-02 03:04  used 2026-01-03"
    )
    assert main(["pairs", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[1] == {
        "name": "iPad Safari 2", "paired": "2026-01-02 03:04", "used": "2026-01-03",
    }  # fmt: skip
    assert main(["pairs", "revoke", "ipad", "safari", "2"]) == 0
    assert main(["pairs", "revoke", "iPhone Safari 1"]) == 0
    assert [each.name for each in store.read().pairs] == ["Linux Chrome 3"]
    assert main(["pairs", "revoke", "all"]) == 0
    assert store.read().pairs == ()
    assert capsys.readouterr().out.endswith("revoked: Linux Chrome 3\n")


def test_a_name_that_is_not_there_is_refused_in_one_line(home, capsys):
    pair(PairStore(home), "iPhone Safari 1")
    assert main(["pairs", "revoke", "iPhone", "Safari", "2"]) == 2
    told = capsys.readouterr().err
    assert "no paired browser has this name" in told
    assert "did you mean 'iPhone Safari 1'?" in told
    assert told.count("\n") == 1


def test_without_any_pair_the_list_says_what_to_do(home, capsys):
    assert main(["pairs"]) == 0
    assert "'perpetuum pairs add'" in capsys.readouterr().out
    assert main(["pairs", "revoke", "all"]) == 0
    assert main(["pairs", "add"]) == 2
    assert "start one with --panel 0.0.0.0:8765" in capsys.readouterr().err


def test_a_damaged_file_is_told_and_left_to_the_panel(home, capsys):
    pair(PairStore(home), "phone")
    (home / "pairs.json").write_text("{")
    assert main(["pairs"]) == 0
    assert "is damaged" in capsys.readouterr().err
    assert (home / "pairs.json").read_text() == "{"


def test_without_the_library_the_code_is_text(home, capsys, monkeypatch):
    Sessions(PairStore(home)).open("http://192.0.2.1:8765")
    monkeypatch.setattr("stream.pairs.command.matrix_of", lambda _: None)
    assert main(["pairs", "add"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("http://192.0.2.1:8765/pair#")
    assert "segno is not installed" in told.err


@pytest.mark.skipif(os.geteuid() != 0, reason="root alone manages the folders of services")
def test_root_manages_services_whose_files_stay_theirs(home, tmp_path, capsys):
    folder = tmp_path / "lib" / "perpetuum-kitchen" / "pairs"
    folder.mkdir(parents=True, mode=0o700)
    os.chown(folder, 4321, 4321)
    store = PairStore(folder)
    pair(store, "iPhone Safari 1")
    assert main(["pairs"]) == 0
    assert "iPhone Safari 1" in capsys.readouterr().out
    status = store.path.stat()
    assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (4321, 4321, 0o600)
    assert main(["pairs", "revoke", "all"]) == 0
    assert store.path.stat().st_uid == 4321


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"STATE_DIRECTORY": "/var/lib/a:/b", "HOME": "/h"}, "/var/lib/a/pairs"),
        ({"RUNTIME_DIRECTORY": "/run/a"}, "/run/a/pairs"),
        ({"XDG_STATE_HOME": "/x"}, "/x/perpetuum/pairs"),
    ],
)
def test_a_service_has_a_folder_of_its_own(environment, expected):
    assert str(pairs_folder(environment)) == expected
    assert pairs_folders({**environment, "XDG_STATE_HOME": "/nowhere"}) == [] or os.geteuid() == 0
