"""A moment to be woken at, as a file that can be read when it has come."""

from __future__ import annotations

import contextlib
import ctypes
import os

CLOCK_MONOTONIC, ABSOLUTE = 1, 1
NONBLOCK, CLOEXEC = os.O_NONBLOCK, os.O_CLOEXEC
EARLIEST_SECONDS = 1e-9
"""Zero would mean never."""


class _Setting(ctypes.Structure):
    """`struct itimerspec`: the period, then the moment."""

    _fields_ = tuple(
        (name, ctypes.c_long) for name in ("period_s", "period_ns", "moment_s", "moment_ns")
    )


class Timer:
    """Linux' own timer. Raises `OSError` where there is none."""

    def __init__(self) -> None:
        self._c = ctypes.CDLL(None, use_errno=True)
        self._file = self._c.timerfd_create(CLOCK_MONOTONIC, NONBLOCK | CLOEXEC)
        if self._file < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        self._moment: float | None = None

    def fileno(self) -> int:
        """Readable from the moment on, until `set` is called again."""
        return int(self._file)

    def set(self, moment: float | None) -> None:
        """Wake at this moment (s, monotonic); None: never."""
        if moment == self._moment:
            return
        self._moment = moment
        seconds, fraction = (
            divmod(max(moment, EARLIEST_SECONDS), 1) if moment is not None else (0, 0)
        )
        setting = _Setting(0, 0, int(seconds), int(fraction * 1e9))
        self._c.timerfd_settime(self._file, ABSOLUTE, ctypes.byref(setting), None)

    def read(self) -> None:
        """Be readable no more."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._file, 8)

    def close(self) -> None:
        """Wake nobody any more."""
        os.close(self._file)
