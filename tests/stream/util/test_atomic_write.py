import os

import pytest

from stream.util import atomic_write

WAYS = pytest.mark.parametrize("replace", [atomic_write.replace, atomic_write.replace_durably])


@WAYS
def test_a_file_is_replaced(tmp_path, replace):
    path = tmp_path / "a.json"
    for data in (b"old", b"new and longer", b""):
        replace(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


@WAYS
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_no_draft_is_left_behind(tmp_path, monkeypatch, replace, error):
    def fail(*_):
        raise error

    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(type(error)):
        replace(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@WAYS
def test_a_draft_that_was_left_is_no_hindrance(tmp_path, replace):
    (tmp_path / ".a.json.draft").write_bytes(b"half of something longer")
    replace(tmp_path / "a.json", b"new")
    assert (tmp_path / "a.json").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize("act", [atomic_write.check, lambda path: atomic_write.replace(path, b"")])
def test_devices_and_folders_are_not_replaced(tmp_path, act):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path, tmp_path / "fifo"):
        with pytest.raises(OSError, match="not a regular file"):
            act(path)


def test_a_check_changes_nothing(tmp_path):
    path = tmp_path / "a.mid"
    atomic_write.check(path)
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"old")
    atomic_write.check(path)
    assert path.read_bytes() == b"old"
    with pytest.raises(FileNotFoundError):
        atomic_write.check(tmp_path / "none" / "a.mid")


def test_a_check_does_not_disturb_who_writes(tmp_path, monkeypatch):
    """The same file may be named again while another thread replaces it."""
    path = tmp_path / "a"
    put = atomic_write.put

    def checked_meanwhile(file, data, offset):
        put(file, data, offset)
        atomic_write.check(path)

    monkeypatch.setattr(atomic_write, "put", checked_meanwhile)
    atomic_write.replace_durably(path, b"new")
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a", b"new")]


def test_what_is_there_is_not_created_again(tmp_path):
    path = tmp_path / "a.mid"
    atomic_write.create_durably(path, b"first")
    with pytest.raises(FileExistsError):
        atomic_write.create_durably(path, b"second")
    assert path.read_bytes() == b"first"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_can_not_be_created_leaves_nothing(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        atomic_write.create_durably(tmp_path / "a.mid", b"new")
    assert list(tmp_path.iterdir()) == []


@WAYS
def test_a_link_in_the_place_of_a_draft_is_not_followed(tmp_path, replace):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / ".a.json.draft").symlink_to(victim)
    replace(tmp_path / "a.json", b"new")
    assert victim.read_bytes() == b"precious"
    assert (tmp_path / "a.json").read_bytes() == b"new"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "victim"]


def test_two_programs_never_write_the_same_draft(tmp_path):
    path = tmp_path / "a.json"
    with atomic_write._draft(path) as (first, _):
        atomic_write.replace(path, b"second")
        assert first.exists()
    assert path.read_bytes() == b"second"
    assert list(tmp_path.iterdir()) == [path]
