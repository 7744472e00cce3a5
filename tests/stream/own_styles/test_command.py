"""`perpetuum style`: from a newcomer's files to a style that plays, and what is told on the way."""

import json
import shutil
import sys

import pytest

from stream.__main__ import main
from stream.own_styles import learning as style_learning
from stream.own_styles.library import Library
from tests.stream.compose.conftest import OUTLINED, TINY
from tests.stream.compose.learning.abc_files import write
from tests.stream.own_styles.own_styles import own_style

AT_ONCE = """
import os, sys
os.nice = lambda steps: 0
from stream.compose.learning import learner
from stream.compose.learning.__main__ import main
learner.GENERATIONS = 3
sys.exit(main())
"""
"""A process that learns as fast as others run, and not for long."""


@pytest.fixture(autouse=True)
def library(tmp_path, monkeypatch):
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(style_learning, "COMMAND", (sys.executable, "-c", AT_ONCE))
    return Library()


def style(*words):
    return main(["style", *map(str, words)])


def test_five_files_become_a_style_that_plays_and_is_replayed(tmp_path, library, capsys):
    files = write(tmp_path / "tunes", 5)
    assert style("learn", "mine", *files, "--voice", OUTLINED) == 0
    told = capsys.readouterr().out
    assert "learned from 5 tunes" in told
    assert "perpetuum play --style mine" in told
    learned = library.read("mine")
    assert learned.style.meters == {"6x24": 1.0}
    assert len(library.path_of("mine").read_bytes()) < 10_000
    assert not list(library.folder.glob("*.unfinished"))
    song = tmp_path / "song.mid"
    music = ["--voice", str(OUTLINED), "--style", "mine", "--minutes", "0.2", "--seed", "1"]
    assert main(["render", str(song), *music]) == 0
    assert style("learn", "mine", *files, "--voice", OUTLINED) == 2
    assert "add --replace" in capsys.readouterr().err


def told(capsys, *words):
    assert style(*words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_mistakes_are_told_in_one_line(tmp_path, library, capsys):
    (one,) = write(tmp_path / "one", 1)
    assert "only one tune" in told(capsys, "learn", "mine", one, "--voice", OUTLINED)
    assert "no tunes" in told(capsys, "learn", "mine")
    assert "give small letters" in told(capsys, "learn", "My Style", one)
    assert "a voice has a style" in told(capsys, "learn", "folk", one)
    assert "cannot learn" in told(capsys, "learn", "mine", one, "--voice", TINY)
    assert "keep tunes" in told(capsys, "learn", "mine", "--kept")
    assert "not an own style" in told(capsys, "delete", "nobody")
    library.folder.mkdir(parents=True, exist_ok=True)
    library.path_of("broken").write_text("{}")
    assert "learn it again" in told(capsys, "show", "broken")
    assert style("delete", "broken") == 0


def test_styles_are_listed_shown_added_renamed_and_deleted(tmp_path, library, capsys):
    shared = tmp_path / "shared.style.json"
    shutil.copy(library.write(own_style()), shared)
    for words, line in (
        (("show", "mine"), "bits a note"),
        (("rename", "mine", "ours"), "now ours"),
        (("add", shared, "--name", "theirs"), "theirs"),
        (("delete", "ours"), "deleted"),
        ((), "theirs: 5 tunes, like even of tiny_outlined"),
    ):
        assert style(*words) == 0
        assert line in capsys.readouterr().out
    assert main(["style", "--json"]) == 0
    (facts,) = json.loads(capsys.readouterr().out)
    assert (facts["name"], facts["parent"], facts["tunes"]) == ("theirs", "even", 5)
