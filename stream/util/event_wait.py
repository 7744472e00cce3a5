"""Waiting: the only code of the player's that does.

`select` may oversleep by a thousandth of its timeout, `time.sleep` does not; so the long part of
a wait is spent in the one, where files can end it, and the last milliseconds in the other.
"""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

SPARE_SECONDS = 0.003
SPARE_SHARE = 0.002
"""Part of the wait that `select` leaves to `time.sleep`, for its coarse timer."""


class File(Protocol):
    """What `select` takes."""

    def fileno(self) -> int: ...


class Driver(Protocol):
    """A clock, and the way to wait by it."""

    def now(self) -> float:
        """Seconds, monotonic."""

    def wait(self, files: Sequence[File], deadline: float | None) -> Sequence[File]:
        """Wait for `deadline` (s; None: for ever) or for files to read, and return those."""


class RealTime:
    """Time as it passes."""

    def now(self) -> float:
        return time.monotonic()

    def wait(self, files: Sequence[File], deadline: float | None) -> Sequence[File]:
        return wait(files, deadline)


def earliest(*times: float | None) -> float | None:
    """The first of those times that there are."""
    return min((at for at in times if at is not None), default=None)


def wait(files: Sequence[File], deadline: float | None) -> list[File]:
    """Wait for `deadline` (s, monotonic; None: for ever) or for files to read, and return those."""
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
