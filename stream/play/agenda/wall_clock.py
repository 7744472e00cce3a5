"""The wall clock, and an alarm at one of its times that also tells when the clock is set."""

from __future__ import annotations

import contextlib
import ctypes
import os
from datetime import UTC, datetime

CLOCK_REALTIME = 0
ABSOLUTE, CANCEL_ON_SET = 1, 2
NONBLOCK, CLOEXEC = os.O_NONBLOCK, os.O_CLOEXEC
FARTHEST = 2**33
"""Seconds since 1970 of an alarm that rings only when the clock is set."""


class _Setting(ctypes.Structure):
    """`struct itimerspec`: the period, then the time."""

    _fields_ = tuple(
        (name, ctypes.c_long) for name in ("period_s", "period_ns", "time_s", "time_ns")
    )


class WallClock:
    """Linux' timerfd on the wall clock. Raises `OSError` if it is not available.

    Its file becomes readable at the time of the alarm, and whenever someone sets the clock.
    """

    deadline: float | None = None
    """Monotonic time of the alarm (s); None, because the file tells it."""

    def __init__(self) -> None:
        self._c = ctypes.CDLL(None, use_errno=True)
        self._file = self._c.timerfd_create(CLOCK_REALTIME, NONBLOCK | CLOEXEC)
        if self._file < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))

    def fileno(self) -> int:
        """Return the descriptor, readable when the alarm rings or the clock was set."""
        return int(self._file)

    def now(self) -> datetime:
        """Return the time of the wall clock in UTC."""
        return datetime.now(UTC)

    def alarm(self, at: datetime | None) -> None:
        """Ring at a time in UTC; None: only when the clock is set. It replaces the last alarm."""
        self._read()
        seconds = FARTHEST if at is None else min(at.timestamp(), FARTHEST)
        whole = max(int(seconds), 0)
        setting = _Setting(0, 0, whole, max(int((seconds - whole) * 1e9), 1))
        flags = ABSOLUTE | CANCEL_ON_SET
        self._c.timerfd_settime(self._file, flags, ctypes.byref(setting), None)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def _read(self) -> None:
        with contextlib.suppress(OSError):  # nothing to read, or the clock was set
            os.read(self._file, 8)
