"""Waiting: the only code that does.

`select` may oversleep by a thousandth of its timeout, `time.sleep` does not; so the long part of
a wait is spent in the one, where files can end it, and the last milliseconds in the other.
"""

from __future__ import annotations

import contextlib
import select
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SPARE_SECONDS = 0.003
SPARE_SHARE = 0.002
"""Part of the wait that `select` leaves to `time.sleep`, for its coarse timer."""
SLACK_FILE = Path("/proc/self/timerslack_ns")


@contextlib.contextmanager
def sharp_timer() -> Iterator[None]:
    """Inside the block sleeps end on time: Linux adds up to 50 µs otherwise, to save wake-ups."""
    try:
        slack = SLACK_FILE.read_bytes()
        SLACK_FILE.write_bytes(b"1")
    except OSError:  # an older system: notes play all the same
        yield
        return
    try:
        yield
    finally:
        SLACK_FILE.write_bytes(slack)


class File(Protocol):
    """What `select` takes."""

    def fileno(self) -> int: ...


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
