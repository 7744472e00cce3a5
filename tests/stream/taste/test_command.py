import json

import pytest

from stream.__main__ import main
from stream.kept import tastes
from tests.stream.kept.kept_tunes import keep

STARS = (5, 1) * 8


@pytest.fixture
def folder(tmp_path):
    """Sixteen tunes with stars."""
    return keep(tmp_path, *STARS)


def taste(folder, *arguments):
    return main(["taste", "--kept", str(folder), *arguments])


def test_the_taste_is_learned_told_and_stored(folder, capsys):
    assert taste(folder, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["count"] == len(STARS)
    assert tastes.read(folder).document() == told | {"terms": tuple(map(tuple, told["terms"]))}
    assert not tastes.stale(folder)
    assert taste(folder) == 0
    assert capsys.readouterr().out == told["sentence"] + "\n"


def test_without_tunes_it_tells_how_many_are_needed(tmp_path, capsys):
    assert taste(tmp_path / "nowhere") == 0
    assert "once 10 tunes have them" in capsys.readouterr().out
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("content", [b"\xff\x00", b"[]", b'{"0001-x.mid": ', b"[" * 5000])
def test_a_damaged_file_of_stars_is_one_line_with_the_remedy(folder, capsys, content):
    (folder / "stars.json").write_bytes(content)
    assert taste(folder) == 2
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert "stars.json" in error
    assert "delete it and rate again" in error


def test_damaged_entries_and_tunes_are_told_and_left_out(folder, capsys):
    stars = json.loads((folder / "stars.json").read_text())
    first, *_ = stars
    (folder / first).write_bytes(b"MThd")
    (folder / "stars.json").write_text(json.dumps(stars | {"../x": 5, "0002-y.mid": "five"}))
    assert taste(folder, "--json") == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["count"] == len(STARS) - 1
    assert len(told.err.splitlines()) == 2
    assert "left out" in told.err


def test_a_damaged_taste_is_none(folder):
    for content in ("{", '{"terms": [["leaps", 1, 2]]}', '{"terms": 3}', '{"other": 1}'):
        (folder / tastes.FILE).write_text(content)
        assert tastes.read(folder).terms == ()
