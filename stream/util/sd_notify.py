"""Notify the service manager, as in `sd_notify(3)`, over the socket that it names.

The player's own loop feeds the watchdog, which therefore acts when notes can no longer be sent.
"""

from __future__ import annotations

import contextlib
import os
import socket

FEED_SHARE = 0.4
"""Share of the watchdog's time between two notifications."""


class Supervisor:
    """The connection to the service manager, if there is one."""

    def __init__(self) -> None:
        self.deadline: float | None = None
        """Time of the next notification of the watchdog (s, monotonic); None without one."""
        self._address = os.environ.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._period = _watchdog_seconds() * FEED_SHARE
        if self._address and self._period:
            self.deadline = 0.0

    def ready(self) -> None:
        """Notify that the first note is queued."""
        self._notify("READY=1")

    def feed(self, now: float) -> None:
        """Notify that the loop runs at `now` (s), once `deadline` has come."""
        if self.deadline is not None and now >= self.deadline:
            self.deadline = now + self._period
            self._notify("WATCHDOG=1")

    def stopping(self) -> None:
        """Notify that the program is ending."""
        self._notify("STOPPING=1")

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _notify(self, state: str) -> None:
        # The music goes on if the manager does not listen.
        if self._address:
            with contextlib.suppress(OSError):
                self._socket.sendto(state.encode(), self._address)


def _watchdog_seconds() -> float:
    """Return the watchdog's time (s); 0 without one, or if it watches another process."""
    usec = os.environ.get("WATCHDOG_USEC", "")
    pid = os.environ.get("WATCHDOG_PID", "")
    if not usec.isdecimal() or (pid and pid != str(os.getpid())):
        return 0.0
    return int(usec) / 1e6
