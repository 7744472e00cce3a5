"""What the service manager is told: `sd_notify(3)`, over the socket that it names.

The watchdog is fed by the driver's own loop, so that it bites when notes can no longer leave.
"""

from __future__ import annotations

import contextlib
import os
import socket

FEED_SHARE = 0.4
"""Of the watchdog's time, from one feeding to the next."""


class Supervisor:
    """Speaks to the service manager, if there is one."""

    def __init__(self) -> None:
        self.deadline: float | None = None
        """When the watchdog is to be fed (s, monotonic); None: there is none."""
        self._address = os.environ.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._period = _watchdog_seconds() * FEED_SHARE
        if self._address and self._period:
            self.deadline = 0.0

    def ready(self) -> None:
        """The first note is queued."""
        self._say("READY=1")

    def feed(self, now: float) -> None:
        """The loop is alive at `now` (s); costs nothing before `deadline`."""
        if self.deadline is not None and now >= self.deadline:
            self.deadline = now + self._period
            self._say("WATCHDOG=1")

    def stopping(self) -> None:
        """The end has begun."""
        self._say("STOPPING=1")

    def close(self) -> None:
        """Say nothing more."""
        self._socket.close()

    def _say(self, state: str) -> None:
        # A manager that does not listen is no reason to stop playing.
        if self._address:
            with contextlib.suppress(OSError):
                self._socket.sendto(state.encode(), self._address)


def _watchdog_seconds() -> float:
    """How long we may be silent; 0: as long as we like, or the watchdog is another process's."""
    usec = os.environ.get("WATCHDOG_USEC", "")
    pid = os.environ.get("WATCHDOG_PID", "")
    if not usec.isdecimal() or (pid and pid != str(os.getpid())):
        return 0.0
    return int(usec) / 1e6
