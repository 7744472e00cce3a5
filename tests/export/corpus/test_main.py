from __future__ import annotations

import json
import subprocess
import sys

import pytest

from export.corpus.__main__ import main

RULES = (
    "downbeat", "legato", "on_grid", "median_octave", "median_multiples", "eleven_values",
    "entropy_floor",
)  # fmt: skip


def test_the_table(folder, capsys):
    assert main([f"folk={folder}", f"jazz={folder / 'a.mid'}"]) == 0
    lines = capsys.readouterr().out.replace(str(folder), "TUNES").splitlines()
    rows = [line.split() for line in lines]
    assert rows[0] == ["files", "tunes", "kept", "events", "train", "valid", "test"]
    assert rows[1][:5] == ["folk=TUNES", "7", "5", "4", "64"]
    assert sum(map(int, rows[1][5:])) == 4
    assert lines[2] == "  dropped: downbeat 1"
    assert [line[:28] for line in lines[3:6]] == [
        "  broken:  TUNES/broken.abc:",
        "  broken:  TUNES/broken.mid:",
        "  broken:  TUNES/broken.npz:",
    ]
    assert lines[6].startswith("  in part: TUNES/c.abc: 1 of its tunes left out, the first because")
    assert rows[7][:5] == ["jazz=TUNES/a.mid", "1", "1", "1", "16"]
    assert lines[8:] == ["  dropped: none"]


def test_json_holds_the_same_facts(folder, capsys):
    assert main([f"folk={folder}", "--json"]) == 0
    (facts,) = json.loads(capsys.readouterr().out)
    broken = facts.pop("broken")
    splits = facts.pop("splits")
    (passed_over,) = facts.pop("passed_over")
    assert facts == {
        "style": "folk",
        "path": str(folder),
        "files": 7,
        "tunes": 5,
        "kept": 4,
        "events": 64,
        "dropped": dict.fromkeys(RULES, 0) | {"downbeat": 1},
    }
    assert len(broken) == 3
    assert passed_over.startswith(f"{folder / 'c.abc'}: 1 of its tunes left out")
    assert list(splits) == ["train", "valid", "test"]
    assert sum(splits.values()) == 4


@pytest.mark.parametrize("spec", ["folk", "folk=/nowhere", "folk={}"])
def test_an_error_is_one_line(tmp_path, capsys, spec):
    assert main([spec.format(tmp_path)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("export.corpus: ")
    assert printed.err.count("\n") == 1


def test_an_unwritable_archive_is_named(folder, capsys):
    out = folder / "no" / "such.npz"
    assert main([f"folk={folder / 'a.mid'}", "--out", str(out)]) == 2
    assert f"{out}: cannot be written" in capsys.readouterr().err


def test_the_command_explains_itself():
    command = [sys.executable, "-m", "export.corpus", "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "STYLE=PATH" in done.stdout
    assert "--out FILE.npz" in done.stdout
