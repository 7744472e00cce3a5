"""Waiting for a time or for files: the only code of the player that waits.

`select` may oversleep by a thousandth of its timeout, `time.sleep` does not. So the long part of a
wait is spent in `select`, which files can end, and the last milliseconds in `time.sleep`.
"""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

SPARE_SECONDS = 0.003
SPARE_SHARE = 0.002
"""Share of a wait that `select`, with its coarse timer, leaves to `time.sleep`."""


class File(Protocol):
    """A file that `select` accepts."""

    def fileno(self) -> int: ...


class Driver(Protocol):
    """A clock, and a function that waits by it."""

    def now(self) -> float:
        """Return the time (s, monotonic)."""

    def wait(self, files: Sequence[File], deadline: float | None) -> Sequence[File]:
        """Wait for `deadline` (s; None: forever) or readable files, and return those."""


class RealTime:
    """The clock of the system."""

    def now(self) -> float:
        return time.monotonic()

    def wait(self, files: Sequence[File], deadline: float | None) -> Sequence[File]:
        return wait(files, deadline)


def earliest(*times: float | None) -> float | None:
    """Return the earliest of the times that are not None."""
    return min((at for at in times if at is not None), default=None)


def wait(files: Sequence[File], deadline: float | None) -> list[File]:
    """Wait for `deadline` (s, monotonic; None: forever) or readable files, and return those."""
    if deadline is None:
        return select.select(files, [], [])[0]
    left = deadline - time.monotonic()
    room = left - SPARE_SECONDS - SPARE_SHARE * left
    if room > 0 and (ready := select.select(files, [], [], room)[0]):
        return ready
    left = deadline - time.monotonic()
    if left > 0:
        time.sleep(left)
    return []
