"""Limits on what a voice may use: memory, processor time, and the user's terminal.

A graph that asks for more memory gets an error; one that takes more time ends this process.
Messages that onnxruntime prints while the process dies are discarded: the parent process reports
it.
"""

from __future__ import annotations

import math
import os
import resource
import sys
import time
from pathlib import Path

EXTRA_BYTES = 256 * 2**20
"""Bytes beyond those in use at the start; the largest request needs a tenth of it."""
STATM = Path("/proc/self/statm")
"""The file in which Linux lists the pages of a process; the sixth number counts data pages."""


LOAD_SECONDS = 20
"""Processor seconds to load a voice and try it; a slow board takes a few."""
PHRASE_SECONDS = 20
"""Processor seconds for a phrase."""
CANDIDATE_SECONDS = 0.25
"""Further processor seconds for each candidate of a phrase."""
STEP_SECONDS = 0.05
"""Processor seconds for each forced step through given music."""


def bound_memory() -> None:
    """Limit RLIMIT_DATA to the current usage plus `EXTRA_BYTES`; do nothing if usage is unknown."""
    try:
        pages = int(STATM.read_text(encoding="ascii").split()[5])
    except (OSError, LookupError, ValueError):
        return
    _, highest = resource.getrlimit(resource.RLIMIT_DATA)
    requested = pages * resource.getpagesize() + EXTRA_BYTES
    limit = requested if highest == resource.RLIM_INFINITY else min(requested, highest)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, highest))


def bound_time(seconds: float) -> None:
    """Limit RLIMIT_CPU to the current usage plus `seconds`; then `SIGXCPU` ends the process.

    A graph cannot wait for anything, so this bounds its time, however busy the machine is.
    """
    _, highest = resource.getrlimit(resource.RLIMIT_CPU)
    requested = math.ceil(time.process_time() + seconds)
    limit = requested if highest == resource.RLIM_INFINITY else min(requested, highest)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, highest))


def silence_crashes() -> None:
    """Disable core files and the libraries' own stderr; Python's errors still reach the user."""
    _, highest = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, highest))
    sys.stderr.flush()
    sys.stderr = os.fdopen(os.dup(2), "w", encoding="utf-8", errors="backslashreplace", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
