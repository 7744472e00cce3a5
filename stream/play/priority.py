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
def real_time() -> Iterator[None]:
    """No ordinary process is served before this one (root, or a limit of `RTPRIO`)."""
    policy, priority = os.sched_getscheduler(0), os.sched_getparam(0)
    wished = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
    try:
        os.sched_setscheduler(0, wished, os.sched_param(RT_PRIORITY))
    except OSError:
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, priority)


def stand_back(pid: int) -> None:
    """Let that process wait behind whatever plays."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
