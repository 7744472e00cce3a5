"""Real-time scheduling while music plays, so that notes come first.

If the system refuses a request, because the permission or the feature is missing, notes play
without it.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

RT_PRIORITY = 10
"""Priority above all ordinary processes, below threads of the kernel and of sound servers."""
CLOCK_PRIORITY = RT_PRIORITY - 1
"""Priority above all ordinary processes, below the notes."""
NICENESS = 10
"""Niceness of processes that must not delay the music."""
SLACK_FILE = Path("/proc/self/timerslack_ns")


@contextlib.contextmanager
def note_priority() -> Iterator[None]:
    """Wake this process, but not its children, on time inside the block, whatever else runs."""
    with sharp_timer(), real_time():
        yield


@contextlib.contextmanager
def sharp_timer() -> Iterator[None]:
    """End sleeps on time inside the block; otherwise Linux adds up to 50 µs, to save wake-ups."""
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
def clock_priority() -> Iterator[None]:
    """Let this process and its threads receive input on time inside the block.

    On a busy machine a MIDI clock would otherwise seem to be late by up to ten milliseconds.
    """
    with real_time(CLOCK_PRIORITY, 0):
        yield


@contextlib.contextmanager
def real_time(
    priority: int = RT_PRIORITY, inherited: int = os.SCHED_RESET_ON_FORK
) -> Iterator[None]:
    """Run this process before all ordinary ones inside the block (as root, or with RLIMIT_RTPRIO).

    `inherited` decides about its threads and children: 0 gives them the same priority.
    """
    policy, before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | inherited, os.sched_param(priority))
    except OSError:
        yield
        return
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, before)


def lower_priority(pid: int) -> None:
    """Lower the priority of a process, so that it waits for those that play."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
