import time
from collections import deque

import pytest

from stream.kept import tastes
from stream.kept.stars import Stars
from stream.play.recording import taste_learner
from stream.play.recording.taste_learner import TasteLearner
from tests.stream.kept.kept_tunes import keep


@pytest.fixture
def folder(tmp_path, monkeypatch):
    found = keep(tmp_path, *(5, 1) * 6)
    monkeypatch.setattr(taste_learner, "REST_SECONDS", 0.0)
    return found


def until(told):
    deadline = time.monotonic() + 120
    while not told():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_stars_given_before_the_start_and_after_it_are_learned(folder):
    notices = deque()
    own = TasteLearner(folder, notices)
    try:
        assert own.taste.count == 0
        until(lambda: own.taste.count == 12)
        first = own.taste.ratings
        name = next(iter(Stars(folder).all()))
        Stars(folder).put(name, 3)
        own.learn()
        until(lambda: own.taste.ratings != first)
    finally:
        own.close()
    assert not notices
    assert tastes.read(folder) == own.taste


def test_a_damaged_file_of_stars_is_told_and_the_taste_stays(folder):
    notices = deque()
    tastes.write(folder, tastes.read(folder))
    (folder / "stars.json").write_text("{")
    own = TasteLearner(folder, notices)
    try:
        own.learn()
        until(lambda: notices)
    finally:
        own.close()
    assert "stars.json" in notices[0]
    assert own.taste.terms == ()


def test_it_ends_at_once(folder, monkeypatch):
    monkeypatch.setattr(taste_learner, "REST_SECONDS", 1000.0)
    own = TasteLearner(folder, deque())
    own.learn()
    own.close()
    assert own._thread is None or not own._thread.is_alive()
