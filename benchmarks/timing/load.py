"""Lateness under load: a player with real-time priority, a player without it, a bare sleep loop.

All three play the same music in the same minutes, while `stress-ng` keeps processor and disk busy.
Notes leave as datagrams too, which the kernel stamps as they arrive: a reader of a line would
measure the wait for the kernel's own worker.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.record import Readings, Record
from benchmarks.support.midi_capture import MidiCapture
from benchmarks.support.pty_line import Line
from benchmarks.support.roles import child
from benchmarks.support.stamped_port import DatagramCapture
from benchmarks.timing import panel
from benchmarks.timing.lateness import NAME, OFFSET_SECONDS, late, timeline

STRESS = ("--cpu", "2", "--io", "2", "--hdd", "1", "--hdd-bytes", "256M")
PLAYERS = {
    "perpetuum, real-time priority": (),
    "perpetuum, no priority": ("setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"),
}
"""Command that starts each player; `setpriv` takes away the right to real-time priority."""
BARE = "bare sleep loop"


@contextlib.contextmanager
def stress() -> Iterator[None]:
    """Keep the machine busy inside the block."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["stress-ng", *STRESS, "--temp-path", folder, "--quiet"]
        with subprocess.Popen(command) as process:
            try:
                yield
            finally:
                process.terminate()


def under_load(minutes: float) -> list[Record]:
    """Return the lateness of the three, and the counters of the players."""
    relative = timeline(minutes)
    where = f"under load, stress-ng {' '.join(STRESS)}, {minutes:g} min"
    found: list[Record] = []
    lateness, stats = _measure(minutes, relative)
    for measure, share in (("median", 0.5), ("p99", 0.99), ("maximum", 1.0)):
        name, bare = f"lateness, {measure}", lateness[BARE].quantile(share)
        for system, readings in lateness.items():
            value, n = readings.quantile(share), len(readings.values)
            found.append(Record(system, where, name, "ms", value, n=n))
            if system != BARE:
                found.append(Record(f"{system} / bare", where, name, "", value / bare, n=n))
    for system, counters in stats.items():
        figures = [(name, "", counters[name]) for name in ("repeats", "restarts", "stalls")]
        figures += [
            (f"lateness as it leaves, {name}", "ms", counters[f"lateness_{name}_ms"])
            for name in ("median", "p99", "max")
        ]
        found += [Record(system, where, measure, unit, value) for measure, unit, value in figures]
    return found


def _measure(
    minutes: float, relative: Sequence[float]
) -> tuple[dict[str, Readings], dict[str, dict[str, Any]]]:
    """Return the milliseconds of each of the three, and the counters of the players."""
    lateness, stats = {}, {}
    with contextlib.ExitStack() as open_:
        captures = {name: open_.enter_context(DatagramCapture()) for name in (*PLAYERS, BARE)}
        lines = {name: open_.enter_context(Line()) for name in PLAYERS}
        for line in lines.values():
            open_.enter_context(MidiCapture(line))
        open_.enter_context(stress())
        loop = open_.enter_context(child(panel.NAME, "--bare", captures[BARE].number))
        players = {}
        for name, within in PLAYERS.items():
            role = ("--player", lines[name].device, str(minutes), captures[name].output)
            players[name] = open_.enter_context(child(NAME, *role, within=within))
        for name, player in players.items():
            first = json.loads(player.stdout.readline())
            policy = os.sched_getscheduler(player.pid) & ~os.SCHED_RESET_ON_FORK
            if (policy == os.SCHED_FIFO) == bool(PLAYERS[name]):
                raise RuntimeError(f"{name}: scheduling policy {policy}")
        shifted = [first + at - relative[0] + OFFSET_SECONDS for at in relative]
        shifted = [due for due in shifted if due > first + 0.5]
        loop.stdin.write(json.dumps(shifted) + "\n")
        loop.stdin.flush()
        for name, player in players.items():
            times, begins, stats[name] = json.loads(player.stdout.readline())
            player.wait()
            lateness[name] = late(times, captures[name].stamps, begins)
        loop.wait()
        lateness[BARE] = late(shifted, captures[BARE].stamps, [True] * len(shifted))
    return lateness, stats
