"""Memory of processes, each page counted once, whatever else maps it.

Proportional set size falls while strangers map the same libraries. Here a page counts for our
processes alone: the physical pages that any of them has in memory are listed, each once.
"""

from __future__ import annotations

import mmap
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path

PRESENT = 1 << 63
FRAME = (1 << 55) - 1
"""Bits of an entry of the page map that hold the number of the physical page."""


def megabytes(pids: Sequence[int]) -> float:
    """Return the memory of the processes together (10^6 bytes).

    Raises `PermissionError` for a user who may not read the numbers of physical pages: only root
    may.
    """
    frames: set[int] = set()
    for pid in pids:
        frames.update(_frames(pid))
    return len(frames) * mmap.PAGESIZE / 1e6


def _frames(pid: int) -> Iterable[int]:
    """Yield the physical pages that a process has in memory."""
    with Path(f"/proc/{pid}/pagemap").open("rb") as pagemap:
        for line in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines():
            begin, end = (int(word, 16) // mmap.PAGESIZE for word in line.split()[0].split("-"))
            if "[vsyscall]" in line:
                continue
            pagemap.seek(8 * begin)
            entries = array("Q", pagemap.read(8 * (end - begin)))
            present = [entry & FRAME for entry in entries if entry & PRESENT]
            if present and not any(present):
                raise PermissionError("the numbers of physical pages are readable by root only")
            yield from present
