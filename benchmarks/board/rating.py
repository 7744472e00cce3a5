"""The rating of 7-Zip's benchmark, and how many instructions are behind one of it.

The rating counts a fixed number of instructions for each byte that is packed or unpacked, so it is
no count of what a processor executes. The emulation counts that; the quotient makes instructions a
second of a published rating.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from benchmarks.board.counting import Processor, counted
from stream.errors import SettingsError

TOTAL = re.compile(r"^Tot:\s+(\d+)\s+(\d+)\s+(\d+)", re.MULTILINE)
SMALL = "-md18"
"""Dictionary of the counted run; the published one is larger, and takes minutes to emulate."""


def of_output(text: str) -> float:
    """Return the rating for one whole core. Raises `SettingsError` for other text."""
    found = TOTAL.search(text)
    if found is None:
        raise SettingsError("7zr b: printed no line Tot:; give the program 7zr of p7zip or 7-Zip")
    return float(found[2])


def here(program: Path) -> float:
    """Return the rating of one core of this machine, for its processor time alone."""
    command = [program, "b", "1", "-mmt1", "-md22"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return of_output(done.stdout)


def behind_one(program: Path, processor: Processor) -> float:
    """Return the instructions that are executed for each one that the rating counts.

    Two runs of different length are subtracted, so that the start of the program does not count.
    """
    short, long = (counted([str(program), "b", n, "-mmt1", SMALL], processor) for n in ("1", "3"))
    nominal = of_output(long.output) * 1e6 * (long.seconds - short.seconds)
    return (long.total - short.total) / nominal
