"""A bound on memory: a graph that asks for more gets an error, not the memory of the machine."""

from __future__ import annotations

import resource
from pathlib import Path

MORE = 256 * 2**20
"""Bytes beyond what the program takes to start; the largest request needs a tenth of it."""
STATM = Path("/proc/self/statm")
"""Where Linux tells the pages of a process; the sixth number is those that hold data."""


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
