"""Memory of processes that share pages: each page counts once.

The proportional set size falls as strangers map the same libraries, so it depends on the company.
Here a page that several of the given processes map counts once, and in full.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from pathlib import Path

from stream.errors import StreamError

PAGE = os.sysconf("SC_PAGE_SIZE")
PRESENT = 1 << 63
FRAME = (1 << 55) - 1
"""Bits of an entry of `/proc/PID/pagemap`: the page is in memory, and its frame."""
HIGHEST = 1 << 63
"""Addresses from here on are the kernel's, which every process maps."""


def megabytes(pids: Iterable[int]) -> float:
    """Return the memory of processes together (10^6 bytes); root alone may read it.

    Raises `StreamError` if it cannot be read.
    """
    frames: set[int] = set()
    for pid in pids:
        frames |= _frames(pid)
    if frames <= {0}:
        raise StreamError("page frames: hidden by the kernel; run this as root")
    return len(frames - {0}) * PAGE / 1e6


def _frames(pid: int) -> set[int]:
    """Return the frames of all pages that a process has in memory."""
    folder = Path(f"/proc/{pid}")
    found = set()
    with (
        (folder / "maps").open(encoding="utf-8") as maps,
        (folder / "pagemap").open("rb", 0) as pagemap,
    ):
        for line in maps:
            begin, end = (int(word, 16) for word in line.split()[0].split("-"))
            if begin >= HIGHEST:
                continue
            pagemap.seek(begin // PAGE * 8)
            entries = pagemap.read((end - begin) // PAGE * 8)
            found |= {
                entry & FRAME for (entry,) in struct.iter_unpack("<Q", entries) if entry & PRESENT
            }
    return found
