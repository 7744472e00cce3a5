"""Sessions over restarts, with several panels, and with a disk that is full."""

import errno
import os

import pytest

from stream.pairs import store as store_module
from stream.pairs.sessions import INVITATION_SECONDS, Sessions
from stream.pairs.store import PairStore


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "pairs"


@pytest.fixture
def told():
    return []


@pytest.fixture
def start(folder, told):
    """Start a panel."""

    def sessions(**options):
        found = Sessions(PairStore(folder), told.append, **options)
        found.open("http://192.0.2.1:8765")
        return found

    return sessions


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_phone_stays_paired_over_restarts(start, told):
    tokens = [start().add("iPhone Safari") for _ in range(3)]
    for _ in range(2):
        sessions = start()
        assert all(sessions.has(token) for token in tokens)
        assert not sessions.has("")
        assert not sessions.has(tokens[0][:-1])
    assert told == []


def test_two_panels_at_once_know_what_each_other_has_paired(start):
    one, other = start(), start()
    first, second = one.add("phone"), other.add("phone")
    assert all(each.has(token) for each in (one, other) for token in (first, second))
    names = [pair.name for pair in PairStore(one._store.folder).read().pairs]
    assert names[0].startswith("phone 2")
    assert names[1] == f"{names[0]} (2)"


def test_one_that_is_revoked_is_refused_by_a_running_panel(start, folder):
    sessions = start()
    tokens = [sessions.add("phone"), sessions.add("tablet")]
    store = PairStore(folder)
    store.change(lambda pairs: pairs.without(frozenset({pairs.pairs[0].name})))
    assert [sessions.has(token) for token in tokens] == [False, True]
    store.path.unlink()
    assert [sessions.has(token) for token in tokens] == [False, False]


def test_a_full_disk_costs_only_what_comes_after_a_restart(start, told, folder, monkeypatch):
    sessions = start()
    first = sessions.add("phone")
    with monkeypatch.context() as patch:
        patch.setattr(store_module, "put", full)
        second, third = sessions.add("tablet"), sessions.add("laptop")
        assert all(map(sessions.has, (first, second, third)))
        assert not start().has(second)
    (notice,) = told
    assert notice.startswith(f"panel: {folder}/pairs.json: No space left on device; browsers that")
    fourth = sessions.add("another")
    assert all(map(start().has, (first, second, third, fourth)))


def test_a_damaged_file_locks_nobody_out_of_a_running_panel(start, told, folder):
    sessions = start()
    token = sessions.add("phone")
    (folder / "pairs.json").write_text("{")
    assert sessions.has(token)
    other = sessions.add("tablet")
    assert sessions.has(other)
    assert (folder / "pairs-aside.json").read_text() == "{"
    assert len(told) == 1
    assert "kept as pairs-aside.json" in told[0]


def test_a_folder_of_somebody_else_is_told_and_pairing_works(start, told, folder):
    folder.mkdir()
    folder.chmod(0o777)
    sessions = start()
    assert sessions.has(sessions.add("phone"))
    assert "belongs to another account, or is open to others" in told[0]
    assert list(folder.iterdir()) == []


def test_without_a_home_sessions_end_with_the_panel(told):
    sessions = Sessions(None, told.append)
    sessions.open("x")
    tokens = [sessions.add("phone") for _ in range(2)]
    assert all(map(sessions.has, tokens))
    assert sessions.redeem(sessions.invite())
    assert told == []


def test_an_invitation_of_one_program_is_redeemed_once_by_another(start):
    panel, other = start(), start()
    code = other.invite()
    assert not panel.redeem(code.lower())
    assert panel.redeem(code)
    assert not panel.redeem(code)
    assert not other.redeem(code)


def test_an_invitation_ends_after_minutes_and_does_not_outlive_a_boot(start):
    now = [1000.0]
    sessions = start(clock=lambda: now[0])
    code = sessions.invite()
    now[0] += INVITATION_SECONDS
    assert not sessions.redeem(code)
    code = sessions.invite()
    now[0] = 1.0  # the monotonic clock of another boot
    assert not sessions.redeem(code)


def test_the_day_of_use_is_written_once_a_day(start, folder, monkeypatch):
    sessions = start()
    token = sessions.add("phone")
    before = sessions._store.signature()
    assert all(sessions.has(token) for _ in range(3))
    assert sessions._store.signature() == before
    monkeypatch.setattr("stream.pairs.sessions._now", lambda: "2099-01-02 03:04")
    assert all(sessions.has(token) for _ in range(3))
    assert PairStore(folder).read().pairs[0].used == "2099-01-02"
    written = sessions._store.signature()
    assert sessions.has(token)
    assert sessions._store.signature() == written
