"""Ratings are kept by a process of its own, whatever becomes of it."""

import json
import shlex
import signal
import sys
from collections import deque
from time import monotonic, sleep

import pytest

from stream.__main__ import main
from stream.music import ratings
from stream.play.recording import rating
from stream.play.recording.rating import Rater, Rating
from tests.stream.compose.conftest import TINY


@pytest.fixture
def recording(tmp_path):
    folder = tmp_path / "recordings"
    folder.mkdir()
    path = folder / "rated-000001-1.mid"
    path.write_bytes(TINY.with_name("tiny.mid").read_bytes())
    return path


@pytest.fixture
def rater(monkeypatch):
    monkeypatch.setattr(rating, "REST_SECONDS", 0.01)
    rater = Rater(deque())
    yield rater
    rater.close()


def instead(monkeypatch, code):
    """Have this program run for `perpetuum rate`."""
    started = rating.subprocess.Popen

    def other(command, **options):
        return started([sys.executable, "-c", code, *command], **options)

    monkeypatch.setattr(rating.subprocess, "Popen", other)


def not_kept(recording, stars, why):
    """What is told; these are ratings of no style."""
    ratings = recording.parent.parent / "ratings.jsonl"
    command = f"perpetuum rate --stars={stars} --style= --ratings={ratings} -- {recording}"
    return f"{stars} stars were not stored ({why}); to store them, run: {command}"


def wait(condition):
    end = monotonic() + 30
    while not condition():
        assert monotonic() < end
        sleep(0.001)


def kept(recording):
    path = recording.parent.parent / "ratings.jsonl"
    return [(each.file, each.stars, each.style) for each in ratings.read(path)[0]]


def test_stars_are_kept_with_the_notes(rater, recording):
    rater.put(recording, Rating(4, "bach"))
    wait((recording.parent.parent / "ratings.jsonl").exists)
    wait(lambda: kept(recording))
    assert kept(recording) == [(recording.name, 4, "bach")]
    assert not rater._notices


def test_however_many_stars_come_one_process_runs_and_the_last_count(rater, recording, monkeypatch):
    log = recording.with_name("log")
    instead(monkeypatch, f"import sys; open({str(log)!r}, 'a').write(sys.argv[5][-1])")
    for star in range(5000):
        rater.put(recording, Rating(1 + star % 5, ""))
    wait(lambda: log.exists() and log.read_text()[-1:] == "5")
    rater.close()
    assert len(log.read_text()) < 100
    assert not rater._notices


def test_it_is_full_at_last(rater, recording, monkeypatch):
    instead(monkeypatch, "import time; time.sleep(60)")
    for number in range(rating.MOST_WAITING + 1):
        assert not rater.full
        rater.put(recording.with_name(f"{number}.mid"), Rating(3, ""))
        wait(lambda: rater._process)
    assert rater.full


def test_one_that_hangs_ends_with_the_player_and_is_told(rater, recording, monkeypatch):
    """Though it heeds no signal that it can."""
    instead(
        monkeypatch,
        "import signal; signal.pthread_sigmask(0, signal.valid_signals()); signal.pause()",
    )
    monkeypatch.setattr(rating, "CLOSE_SECONDS", 0.1)
    monkeypatch.setattr(rating, "KILLED_SECONDS", 30.0)
    rater.put(recording, Rating(3, ""))
    wait(lambda: rater._process)
    rater.put(recording.with_name("b.mid"), Rating(2, ""))
    rater.close()
    assert rater._process.returncode == -signal.SIGKILL
    assert not rater._thread.is_alive()
    other, first = sorted(rater._notices)
    assert other == not_kept(recording.with_name("b.mid"), 2, "the player has ended")
    assert first == not_kept(recording, 3, "exit status -9")


def test_one_that_hangs_is_ended_and_the_next_is_kept(rater, recording, monkeypatch):
    monkeypatch.setattr(rating, "RATE_SECONDS", 0.2)
    instead(monkeypatch, "import time; time.sleep(60)")
    rater.put(recording, Rating(3, ""))
    wait(lambda: rater._notices)
    assert rater._notices.popleft().startswith("3 stars were not stored (it took more than 0.2 s);")
    monkeypatch.undo()
    rater.put(recording, Rating(4, ""))
    wait((recording.parent.parent / "ratings.jsonl").exists)
    wait(lambda: kept(recording))


@pytest.mark.parametrize("error", [BlockingIOError(11, "Resource temporarily unavailable"),
                                   OSError(24, "Too many open files")])  # fmt: skip
def test_where_no_process_can_be_had_that_is_told(rater, recording, monkeypatch, error):
    def none(*_, **__):
        raise error

    monkeypatch.setattr(rating.subprocess, "Popen", none)
    rater.put(recording, Rating(3, ""))
    wait(lambda: rater._notices)
    assert rater._notices.popleft() == not_kept(recording, 3, error.strerror)


def test_the_command_that_is_told_keeps_the_same_rating(rater, recording):
    """Style and place too: by default, the file would be another one."""
    rater._fail(recording, Rating(3, "jazz"), "why")
    _, _, command = rater._notices.popleft().partition("; to store them, run: perpetuum ")
    assert main(shlex.split(command)) == 0
    (line,) = (recording.parent.parent / "ratings.jsonl").read_text().splitlines()
    found = json.loads(line)
    assert (found["file"], found["stars"], found["style"]) == (recording.name, 3, "jazz")


def test_where_no_thread_can_be_had_that_is_told(rater, recording, monkeypatch):
    def none(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(rating.threading.Thread, "start", none)
    rater.put(recording, Rating(3, ""))
    assert rater._notices.popleft().startswith("3 stars were not stored (Resource temporarily")
    monkeypatch.undo()
    rater.put(recording, Rating(3, ""))
    wait((recording.parent.parent / "ratings.jsonl").exists)


def test_what_the_command_says_is_told(rater, recording):
    recording.write_bytes(b"no music")
    rater.put(recording, Rating(3, ""))
    wait(lambda: rater._notices)
    told = rater._notices.popleft()
    assert told.startswith("3 stars were not stored (perpetuum: ")
    assert str(recording) in told
    assert not (recording.parent.parent / "ratings.jsonl").exists()
