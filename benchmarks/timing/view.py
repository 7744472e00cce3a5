"""Bytes, wipes and frames of the live view, on real pseudo-terminals of three sizes.

    python -m benchmarks.timing.view [--seconds 60]

`perpetuum play` plays an ensemble with drums on each, all at the same time, in exact colors. A
reader takes everything at once, and counts what comes after the first two seconds, which draw the
whole screen; the last reader takes nothing for five seconds of every ten. A wipe is the sequence
that clears the screen.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import tempfile
import termios
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks import script
from benchmarks.record import Record, publish
from benchmarks.timing.footprint import cpu_seconds

NAME = "view"
SIZES = ((80, 24), (120, 40), (200, 60))
"""Columns and lines of the terminals."""
WIPE, FRAME_END = b"\x1b[2J", b"\x1b[?2026l"
FIRST_SECONDS = 2.0
"""Seconds from the first byte that are not counted."""
PAUSE_SECONDS = 5.0
"""Seconds for which the slow reader takes nothing, and then everything."""
BOUND = 20.0
"""Most kilobytes a second."""


@dataclass(frozen=True, slots=True)
class Count:
    """The output of one player."""

    width: int
    height: int
    is_slow: bool
    seconds: float
    size: int
    """Number of bytes."""
    wipes: int
    frames: int
    processor: float
    """Seconds of processor time of the player, without the composer."""
    stats: dict[str, float]

    @property
    def set(self) -> str:
        """Name of the terminal in the table."""
        return f"{self.width}x{self.height}{', slow reader' if self.is_slow else ''}"


def play(width: int, height: int, stats: Path, terminal: int) -> subprocess.Popen[bytes]:
    """Start a player whose standard output is a terminal of this size."""
    termios.tcsetwinsize(terminal, (height, width))
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    environment |= {"PYTHONUTF8": "1"}
    environment.pop("NO_COLOR", None)
    command = [sys.executable, "-m", "stream", "play", "--style", "jazz", "--seed", "7",
               "--out", "null", "--record", "0", "--stats", str(stats)]  # fmt: skip
    return subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal,
                            env=environment, start_new_session=True)  # fmt: skip


def read(terminal: int, until: float, *, is_slow: bool) -> bytes:
    """Return what arrives until a time (s, monotonic)."""
    told = bytearray()
    begun = time.monotonic()
    while (now := time.monotonic()) < until:
        if is_slow and (now - begun) % (2 * PAUSE_SECONDS) > PAUSE_SECONDS:
            time.sleep(0.05)
        elif select.select([terminal], [], [], 0.05)[0]:
            told += os.read(terminal, 65536)
    return bytes(told)


def drain(terminal: int) -> None:
    """Read until the player has ended."""
    with contextlib.suppress(OSError):
        while os.read(terminal, 65536):
            pass


def measured(width: int, height: int, seconds: float, *, is_slow: bool = False) -> Count:
    """Play for some seconds of music, and count."""
    with tempfile.TemporaryDirectory() as folder:
        stats = Path(folder) / "stats.json"
        master, slave = os.openpty()
        player = play(width, height, stats, slave)
        os.close(slave)
        while not select.select([master], [], [], 0.1)[0]:
            pass
        read(master, time.monotonic() + FIRST_SECONDS, is_slow=False)
        used = cpu_seconds([player.pid])
        told = read(master, time.monotonic() + seconds, is_slow=is_slow)
        used = cpu_seconds([player.pid]) - used
        player.terminate()
        drain(master)
        player.wait()
        os.close(master)
        counters = json.loads(stats.read_bytes())
    counts = len(told), told.count(WIPE), told.count(FRAME_END)
    return Count(width, height, is_slow, seconds, *counts, used, counters)


def records(count: Count) -> list[Record]:
    """Return the figures of one terminal."""

    def figure(measure: str, value: float, unit: str = "", paper: str | None = None) -> Record:
        return Record("live view", count.set, measure, unit, value, paper=paper)

    stats = count.stats
    return [
        figure("bytes", count.size / count.seconds / 1000, "kB/s", f"at most {BOUND:g}"),
        figure("wipes", count.wipes, paper="0"),
        figure("frames", count.frames / count.seconds, "/s"),
        figure("bytes of a frame", count.size / max(count.frames, 1)),
        figure(
            "processor of the player, share of a core", 100 * count.processor / count.seconds, "%"
        ),
        figure("notes", stats["notes"]),
        figure("notes more than 5 ms late", stats["late"], paper="0"),
        figure("lateness, p99", stats["lateness_p99_ms"], "ms"),
    ]


def main() -> None:
    """Measure every size."""
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    seconds = parser.parse_args().seconds
    with ThreadPoolExecutor() as pool:
        tasks = [pool.submit(measured, *size, seconds) for size in SIZES]
        tasks.append(pool.submit(measured, *SIZES[-1], seconds, is_slow=True))
        publish(NAME, [record for task in tasks for record in records(task.result())])


if __name__ == "__main__":
    main()
