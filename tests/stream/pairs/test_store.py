"""The file of the paired browsers: permissions, damage, other accounts, a full disk."""

import errno
import json
import os
import stat
import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.pairs import store as store_module
from stream.pairs.document import MOST_PAIRS, Pair, Pairs, digest_of
from stream.pairs.store import PairStore, UnusableError


def pair(name):
    return Pair(digest_of(name), name, "2026-01-02 03:04", "2026-01-02")


def adding(name):
    return lambda pairs: pairs.with_pair(pair(name))


def names(store):
    return [each.name for each in store.read().pairs]


@pytest.fixture
def store(tmp_path):
    return PairStore(tmp_path / "state" / "pairs")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_only_the_owner_may_read_what_is_written(store):
    before = os.umask(0)
    try:
        store.change(adding("phone"))
    finally:
        os.umask(before)
    assert (mode(store.folder), mode(store.path)) == (0o700, 0o600)
    assert list(store.folder.iterdir()) == [store.path]
    store.folder.chmod(0o755)
    store.path.chmod(0o644)
    assert names(store) == ["phone"]
    assert (mode(store.folder), mode(store.path)) == (0o700, 0o600)


def test_the_file_holds_no_token_and_changes_its_signature(store):
    assert store.signature() is None
    store.change(adding("a token"))
    first = store.signature()
    assert "a token" not in store.path.read_text().replace('"name": "a token"', "")
    store.change(adding("another"))
    assert store.signature() != first
    second = store.signature()
    store.change(lambda pairs: pairs)
    assert store.signature() == second


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "damaged"),
        (b"{", "damaged"),
        (b"[]", "is not a JSON object"),
        (b'{"format": 2}', "format 2 is not 1"),
        (b'{"format": 1, "pairs": [{"digest": "x"}]}', "does not match"),
        (b'{"format": 1, "pairs": [{"name": "x"}]}', "missing"),
        (b'{"format": 1, "other": 1}', "is not known"),
        (b"\xff\xfe", "damaged"),
        (b"[" * 5000, "nested too deeply"),
        (b" " * (store_module.MOST_BYTES + 1), "over 200000 bytes"),
    ],
)
def test_a_damaged_file_is_told_and_kept_aside(store, content, reason):
    store.change(adding("lost"))
    store.path.write_bytes(content)
    with pytest.raises(UnusableError, match=reason):
        store.read()
    assert store.path.read_bytes() == content
    for number in (1, 2):
        after, notice = store.change(adding("new"))
        assert [each.name for each in after.pairs] == ["new"]
        aside = "pairs-aside.json" if number == 1 else "pairs-aside-2.json"
        assert f"kept as {aside}; browsers have to pair again" in notice
        assert "\n" not in notice
        assert (store.folder / aside).read_bytes() == content
        store.path.write_bytes(content)


def test_a_file_that_others_may_write_is_kept_aside(store):
    store.change(adding("foreign"))
    store.path.chmod(0o666)
    after, notice = store.change(adding("new"))
    assert [each.name for each in after.pairs] == ["new"]
    assert "another account may have written it; kept as pairs-aside.json" in notice


def test_a_link_is_not_followed(store, tmp_path):
    store.change(adding("phone"))
    other = tmp_path / "other"
    store.path.rename(other)
    store.path.symlink_to(other)
    before = other.read_bytes()
    _, notice = store.change(adding("new"))
    assert "it is a link; kept as" in notice
    assert other.read_bytes() == before


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_kept_aside(store, make):
    store.change(adding("phone"))
    store.path.unlink()
    make(store.path)
    _, notice = store.change(adding("new"))
    assert "it is not a regular file; kept as" in notice


def test_a_folder_that_others_may_write_to_is_not_used(store):
    store.change(adding("phone"))
    store.folder.chmod(0o777)
    for use in (store.read, lambda: store.change(adding("new"))):
        with pytest.raises(PermissionError, match="open to others"):
            use()
    store.folder.chmod(0o700)
    assert names(store) == ["phone"]


@pytest.mark.parametrize("at", ["put", "fsync"])
def test_a_full_disk_leaves_the_file_as_it_was(store, monkeypatch, at):
    store.change(adding("phone"))

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    where = store_module if at == "put" else os
    with monkeypatch.context() as patch:
        patch.setattr(where, at, full)
        with pytest.raises(OSError, match="No space left"):
            store.change(adding("new"))
    assert names(store) == ["phone"]
    assert list(store.folder.iterdir()) == [store.path]


def test_programs_that_write_at_once_lose_nothing(store):
    def add(number):
        PairStore(store.folder).change(adding(f"phone {number}"))

    threads = [threading.Thread(target=add, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {*names(store)} == {f"phone {number}" for number in range(20)}


def test_a_program_that_hangs_is_not_waited_for(store, monkeypatch):
    store.change(adding("phone"))
    monkeypatch.setattr(store_module, "LOCK_SECONDS", 0.05)
    locked = pytest.raises(OSError, match="another program keeps it locked")
    with store._opened() as folder, store_module._locked(folder), locked:
        store.change(adding("new"))
    assert names(store) == ["phone"]


TEXT = st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=100)


@given(st.lists(TEXT, max_size=12))
def test_whatever_browsers_are_called_each_has_a_name_of_its_own(called):
    pairs = Pairs()
    for number, name in enumerate(called):
        pairs = pairs.with_pair(replace(pair(name), digest=digest_of(str(number))))
    assert len({each.name for each in pairs.pairs}) == len(called)
    assert Pairs.parse(pairs.content()) == pairs


def test_the_file_stays_small(store):
    pairs = Pairs()
    for number in range(MOST_PAIRS + 1):
        pairs = pairs.with_pair(replace(pair("é" * 200), digest=digest_of(str(number))))
    assert len(pairs.pairs) == MOST_PAIRS
    assert not pairs.has(digest_of("0"))
    assert len(pairs.content()) < store_module.MOST_BYTES
    assert json.loads(pairs.content())["format"] == 1
