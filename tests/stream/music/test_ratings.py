import dataclasses
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import CorpusError
from stream.music import ratings
from stream.music.ratings import Rating

GOOD = Rating("a.mid", "ab" * 32, 5, "folk", ((60, 12), (62, 6)))
RATINGS = st.builds(
    Rating, file=st.text(), sha256=st.text("0123456789abcdef", min_size=64, max_size=64),
    stars=st.integers(1, 5), style=st.text(),
    notes=st.lists(st.tuples(st.integers(24, 107), st.integers(3, 48)), min_size=1).map(tuple),
)  # fmt: skip


@given(st.lists(RATINGS, min_size=1, max_size=4))
def test_what_is_appended_is_read_again(tmp_path_factory, rated):
    path = tmp_path_factory.mktemp("ratings") / "ratings.jsonl"
    for rating in rated:
        ratings.append(path, rating)
    assert ratings.read(path) == (rated, [])
    assert len(path.read_bytes().splitlines()) == len(rated)


def test_a_line_that_was_cut_off_costs_no_other(tmp_path):
    path = tmp_path / "ratings.jsonl"
    ratings.append(path, GOOD)
    path.write_bytes(path.read_bytes()[:-20])
    later = dataclasses.replace(GOOD, stars=1)
    ratings.append(path, later)
    found, damaged = ratings.read(path)
    assert found == [later]
    assert [line.partition(": invalid rating (")[0] for line in damaged] == [f"{path}, line 1"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("[]", "not a JSON object"),
        ('{"stars": 3}', "'notes'"),
        ('{"notes": [[60, 12]], "stars": 6}', "stars 6, not 1 to 5"),
        ('{"notes": [[60, 12]], "stars": true}', "stars True, not 1 to 5"),
        ('{"notes": [], "stars": 3}', "no notes"),
        ('{"notes": [[60]], "stars": 3}', "not enough values to unpack"),
        ('{"notes": [[60, 12]], "stars": 3, "file": 1, "sha256": "", "style": ""}', "must be text"),
        ("\x00\xff", "Expecting value"),
        ("[" * 9999, "recursion"),
        ('{"notes": [[1e999, 1]]}', "infinity"),
    ],
)
def test_damaged_lines_are_named(tmp_path, line, reason):
    path = tmp_path / "ratings.jsonl"
    ratings.append(path, GOOD)
    path.write_bytes(path.read_bytes() + line.encode() + b"\n")
    found, (damaged,) = ratings.read(path)
    assert found == [GOOD]
    assert damaged.startswith(f"{path}, line 2: invalid rating (")
    assert reason in damaged


def test_folders_are_no_ratings(tmp_path):
    with pytest.raises(CorpusError, match="cannot be written"):
        ratings.append(tmp_path, GOOD)
    with pytest.raises(CorpusError, match="cannot be read"):
        ratings.read(tmp_path)


def test_a_rating_and_its_file_are_on_the_disk(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_ino))
    path = tmp_path / "ratings.jsonl"
    ratings.append(path, GOOD)
    assert synced == [path.stat().st_ino, tmp_path.stat().st_ino]


def test_what_is_no_ordinary_file_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "fifo")
    for path in (tmp_path / "fifo", tmp_path, tmp_path / "none" / "ratings.jsonl"):
        with pytest.raises(CorpusError, match="cannot be written"):
            ratings.append(path, GOOD)


def test_two_who_rate_at_once_lose_nothing(tmp_path):
    path = tmp_path / "ratings.jsonl"

    def rate():
        for _ in range(50):
            ratings.append(path, GOOD)

    threads = [threading.Thread(target=rate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ratings.read(path) == ([GOOD] * 200, [])
