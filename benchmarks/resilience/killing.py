"""Faults of a composer, made at random moments of a performance."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.timing.footprint import children

HEAD_SECONDS = 3.0
"""Time at the start without faults: the music has to begin first."""
TAIL_SECONDS = 20.0
"""Time at the end without faults: after the last phrase a composer makes no difference."""
SPREAD = 0.9
"""Share of the time between them in which the moments are drawn: some faults have to wait."""
WAIT_SECONDS = 1.0
"""Longest time between two looks for a healthy composer."""


def starve(pid: int) -> None:
    """Limit the address space of a process to what it has."""
    resource.prlimit(pid, resource.RLIMIT_AS, (1, 1))


FAULTS: dict[str, Callable[[int], None]] = {
    "killed": lambda pid: os.kill(pid, signal.SIGKILL),
    "stopped": lambda pid: os.kill(pid, signal.SIGSTOP),
    "starved": starve,
}


class Killer:
    """Harms the composers of a player at `count` random moments.

    If no healthy composer runs at a moment, the fault waits for the next one.
    """

    def __init__(self, player: int, seconds: float, count: int, seed: int) -> None:
        self._rng = random.Random(seed)
        self._last = seconds - TAIL_SECONDS
        spread = HEAD_SECONDS + SPREAD * (self._last - HEAD_SECONDS)
        self._moments = sorted(self._rng.uniform(HEAD_SECONDS, spread) for _ in range(count))
        self._player = player
        self._harmed: set[int] = set()
        self.done = dict.fromkeys(FAULTS, 0)

    def run(self, begin: float) -> None:
        """Make the faults; moments count from `begin` (s, monotonic)."""
        for at in self._moments:
            time.sleep(max(begin + at - time.monotonic(), 0.0))
            while not (healthy := self._healthy()) and time.monotonic() < begin + self._last:
                time.sleep(self._rng.uniform(0.0, WAIT_SECONDS))
            if healthy:
                self._harm(healthy.pop())

    def _healthy(self) -> set[int]:
        return {pid for pid in children(self._player) if alive(pid)} - self._harmed

    def _harm(self, composer: int) -> None:
        fault = self._rng.choice(list(FAULTS))
        with contextlib.suppress(ProcessLookupError):
            FAULTS[fault](composer)
            self.done[fault] += 1
            if fault != "starved":  # it may go on without more memory
                self._harmed.add(composer)


def alive(pid: int) -> bool:
    """Return True if the process has not ended; a zombie has."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
