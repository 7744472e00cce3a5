"""Estimates for boards: counting in the emulator, the arithmetic, and the page."""

import functools
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import record
from benchmarks.board import __main__ as board
from benchmarks.board import derived, page, rating
from benchmarks.board.boards import BOARDS
from benchmarks.board.counting import GUEST, SOURCE, X86_64, Processor, Work, counted, installed
from benchmarks.record import Record
from stream.errors import SettingsError

VOICE = Path(__file__).parents[2] / "data/tiny.onnx"
LOOP = (
    "import os\nfor n in (0, 20000, 40000):\n    for _ in range(n): pass\n    os.getpriority(0, 0)"
)
OUTPUT = """
Avr:             100    580    579  |              100   1099   1098
Tot:             100    839    838
"""


@pytest.mark.skipif(
    not (shutil.which("qemu-x86_64") and shutil.which("cc")), reason="needs qemu-user and gcc"
)
def test_a_loop_of_twice_the_length_has_twice_the_instructions():
    found = counted([sys.executable, "-c", LOOP], Processor("max", X86_64))
    none, one, two = found.marks
    assert none < one < two < found.total
    assert (two - one) / (one - none) == pytest.approx(2, rel=0.1)
    assert found.seconds > 0


def test_the_guest_composes_and_tells_what_it_read():
    program = [sys.executable, "-m", GUEST, str(VOICE), "even", "solo", "3", "1"]
    done = subprocess.run(program, check=True, capture_output=True, text=True, cwd=SOURCE)
    document = json.loads(done.stdout.splitlines()[-1])
    assert len(document["music"]) == len(document["processor"]) == 3
    assert min(document["music"]) > 0
    assert document["files"] > 10_000_000


def test_a_rating_is_that_of_a_whole_core():
    assert rating.of_output(OUTPUT) == 839
    with pytest.raises(SettingsError, match="7zr b"):
        rating.of_output("Break signaled")


def test_a_folder_without_the_program_is_named(tmp_path):
    with pytest.raises(SettingsError, match="has no opt/perpetuum"):
        installed(tmp_path)


def records():
    works = {
        (name, i): Work(10**9, 50e6, 60.0, 44_000_000)
        for name in ("cortex-a53", "cortex-a76", "max")
        for i in range(len(board.MUSIC))
    }
    rows = [row for each in BOARDS for row in board.estimated(each, works, 2.0)]
    return [*rows, *board.controls(works, 1.0, 2000.0, [0.01, 0.05, 0.1, 0.025])]


def test_speed_is_rate_over_work():
    found = {r.measure: r for r in records() if r.system == "Raspberry Pi Zero 2 W"}
    rate = 838e6 * 2
    assert found[page.SPEED].value == pytest.approx(rate / 50e6)
    assert found[page.SHARE].value == pytest.approx(100 * 50e6 / rate)
    assert found[page.START].value == pytest.approx(1e9 / rate + 2)


def test_the_control_is_off_by_the_larger_ratio():
    factors = [r.value for r in records() if r.measure == page.FACTOR]
    assert factors == pytest.approx([2.5, 2.0, 4.0, 1.0])


def test_memory_and_the_whole_share_follow_from_other_pages(tmp_path, monkeypatch):
    figures = {
        "footprint": [
            ("perpetuum", "memory, each page once", "MB", 53.6870912),
            ("perpetuum", "processor, share of a core", "%", 1.0),
            ("bare player", "memory, each page once", "MB", 20.0),
        ],
        "ensemble_speed": [("band", "memory of all processes", "MB", 107.3741824)],
    }
    for name, rows in figures.items():
        record.publish(name, [Record(s, "solo", m, u, v) for s, m, u, v in rows], tmp_path)
    monkeypatch.setattr(record, "read", functools.partial(record.read, folder=tmp_path))
    rated = [
        Record(derived.HERE, "7zr", derived.RATING, "", 3000.0),
        Record(derived.HERE_TOO, "7zr", derived.BEHIND, "", 1.0),
        *(Record(each.name, "", derived.RATE, "million", 1000.0) for each in BOARDS),
    ]
    found = derived.completed(derived.completed(rated))
    assert [r.value for r in found if r.measure == derived.MEMORY] == pytest.approx([10, 20])
    assert [r.value for r in found if r.measure == derived.WHOLE] == pytest.approx([3] * 4)


def test_the_page_calls_every_board_an_estimate():
    text = page.text(records(), "python -m benchmarks.board")
    assert "every figure of this page about one is an estimate" in text
    for each in BOARDS:
        assert each.source in text
    measures = {r.measure for r in records() if isinstance(r, Record) and "Pi" in r.system}
    assert all("estimate" in measure for measure in measures)
