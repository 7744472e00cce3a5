"""Every recorded and documented command is accepted, up to its arguments."""

import argparse
import importlib
import re
import shlex
from pathlib import Path

import pytest

from benchmarks import record, script

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *ROOT.glob("docs/*.md"),
    *ROOT.glob("export/**/*.md"),
    *record.RESULTS.glob("*.md"),
]
CALL = re.compile(r"(?:python|\.venv/bin/python) -m ((?:benchmarks|export|docs)[\w.]*)([^`#\n]*)")


class ParsedError(Exception):
    """The arguments were accepted."""


def commands():
    """Every command line of the records and of the pages, and where it stands."""
    found = {}
    for path in sorted(record.RESULTS.glob("*.json")):
        for document in record.read(path.stem):
            found.setdefault(document["command"], path.name)
    for path in PAGES:
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        for match in CALL.finditer(text):
            found.setdefault(f"python -m {match[1]}{match[2]}".strip(), path.name)
    return found


def layout(words):
    """The paths below `corpora` among these words."""
    return [Path(word.rpartition("=")[2]) for word in words if "corpora/" in word]


@pytest.mark.parametrize(("command", "where"), commands().items())
def test_a_command_runs_as_written(command, where, monkeypatch):
    call = CALL.match(command)
    words = shlex.split(call[2])
    if call[1] == "docs.scores":
        pytest.importorskip("music21")
    module = importlib.import_module(call[1])
    if hasattr(module, "__path__"):
        module = importlib.import_module(f"{call[1]}.__main__")
    parse = argparse.ArgumentParser.parse_args

    def parsed(*args, **names):
        raise ParsedError(parse(*args, **names))

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parsed)
    monkeypatch.setattr("sys.argv", [call[1], *words])
    with pytest.raises(ParsedError):
        module.main()
    for path in layout(words):
        # A corpus lies in a folder of its own.
        assert len(path.parts) != 2 or not path.suffix, f"{where}: {path}"


def test_paths_are_shown_below_corpora():
    arguments = ["--corpus", "folk=/a/set/tunes.npz", "--corpora", "/a", "--n=3"]
    assert script.command("realism", arguments) == (
        "python -m benchmarks.music.realism --corpus folk=corpora/set/tunes.npz --corpora corpora"
        " --n=3"
    )
