"""The notes come first: what the system is asked for while music plays.

Each wish may be refused, to an account without the right or by another system; then notes play
all the same.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RT_PRIORITY = 10
"""Above all ordinary processes, below the threads of the kernel and of sound servers."""
CLOCK_PRIORITY = RT_PRIORITY - 1
"""Above them too, but below the notes."""
NICENESS = 10
SLACK_FILE = Path("/proc/self/timerslack_ns")


@contextlib.contextmanager
def notes_first() -> Iterator[None]:
    """Inside the block this process wakes on time, whatever else runs. What it starts does not."""
    with sharp_timer(), real_time():
        yield


@contextlib.contextmanager
def sharp_timer() -> Iterator[None]:
    """Sleeps end on time: Linux adds up to 50 µs otherwise, to save wake-ups."""
    try:
        slack = SLACK_FILE.read_bytes()
        SLACK_FILE.write_bytes(b"1")
    except OSError:
        yield
        return
    try:
        yield
    finally:
        SLACK_FILE.write_bytes(slack)


@contextlib.contextmanager
def clocks_next() -> Iterator[None]:
    """Inside the block this process and its threads hear what comes in when it comes.

    Where the machine is busy a clock would seem to come late, by up to ten milliseconds.
    """
    with real_time(CLOCK_PRIORITY, 0):
        yield


@contextlib.contextmanager
def real_time(
    priority: int = RT_PRIORITY, starting: int = os.SCHED_RESET_ON_FORK
) -> Iterator[None]:
    """No ordinary process is served before this one (root, or a limit of `RTPRIO`).

    `starting` says what becomes of its threads and children: 0 lets them have the same.
    """
    policy, before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | starting, os.sched_param(priority))
    except OSError:
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, before)


def stand_back(pid: int) -> None:
    """Let that process wait behind whatever plays."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
