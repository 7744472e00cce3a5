"""A timer as a file that becomes readable at a given time."""

from __future__ import annotations

import contextlib
import ctypes
import os

CLOCK_MONOTONIC, ABSOLUTE = 1, 1
NONBLOCK, CLOEXEC = os.O_NONBLOCK, os.O_CLOEXEC
EARLIEST_SECONDS = 1e-9
"""Smallest time that can be set: zero would mean never."""


class _Setting(ctypes.Structure):
    """`struct itimerspec`: the period, then the time."""

    _fields_ = tuple(
        (name, ctypes.c_long) for name in ("period_s", "period_ns", "time_s", "time_ns")
    )


class Timer:
    """Linux' timerfd. Raises `OSError` if it is not available."""

    def __init__(self) -> None:
        self._c = ctypes.CDLL(None, use_errno=True)
        self._file = self._c.timerfd_create(CLOCK_MONOTONIC, NONBLOCK | CLOEXEC)
        if self._file < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        self._time: float | None = None

    def fileno(self) -> int:
        """Return the descriptor, readable from the set time on until `set` is called again."""
        return int(self._file)

    def set(self, time: float | None) -> None:
        """Become readable at `time` (s, monotonic); None: never."""
        if time == self._time:
            return
        self._time = time
        seconds, fraction = divmod(max(time, EARLIEST_SECONDS), 1) if time is not None else (0, 0)
        setting = _Setting(0, 0, int(seconds), int(fraction * 1e9))
        self._c.timerfd_settime(self._file, ABSOLUTE, ctypes.byref(setting), None)

    def read(self) -> None:
        """Make the file unreadable again."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._file, 8)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
