"""Bounds on what a voice may take: memory, time of the processor, and the user's terminal.

A graph that asks for more memory gets an error, one that takes more time ends this process, and
what the library says as it dies goes nowhere: the process that started this one tells of it.
"""

from __future__ import annotations

import math
import os
import resource
import sys
import time
from pathlib import Path

MORE = 256 * 2**20
"""Bytes beyond what the program takes to start; the largest request needs a tenth of it."""
STATM = Path("/proc/self/statm")
"""Where Linux tells the pages of a process; the sixth number is those that hold data."""


LOAD_SECONDS = 20
"""Of the processor, to load a voice and try it; a slow board takes a few."""
PHRASE_SECONDS = 20
"""Of the processor, for a phrase ..."""
CANDIDATE_SECONDS = 0.25
"""... and more for each of its candidates ..."""
STEP_SECONDS = 0.05
"""... or for each step through music that is there already."""


def bound_memory() -> None:
    """From now on this process may take `MORE` bytes and no more; where it can not be told, any."""
    try:
        pages = int(STATM.read_text(encoding="ascii").split()[5])
    except (OSError, LookupError, ValueError):
        return
    _, highest = resource.getrlimit(resource.RLIMIT_DATA)
    wished = pages * resource.getpagesize() + MORE
    limit = wished if highest == resource.RLIM_INFINITY else min(wished, highest)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, highest))


def bound_time(seconds: float) -> None:
    """From now on this process may take so many seconds of the processor; then `SIGXCPU` ends it.

    A graph can not wait for anything, so this bounds its time, however busy the machine is.
    """
    _, highest = resource.getrlimit(resource.RLIMIT_CPU)
    wished = math.ceil(time.process_time() + seconds)
    limit = wished if highest == resource.RLIM_INFINITY else min(wished, highest)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, highest))


def die_quietly() -> None:
    """Leave neither a core file nor a library's last words; Python's own errors are still told."""
    _, highest = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, highest))
    sys.stderr.flush()
    sys.stderr = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
