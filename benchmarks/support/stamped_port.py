"""A receiver of datagrams that are stamped by the kernel, so that its own scheduling has no effect.

At a pseudo-terminal even a reader with real-time priority waits for a worker of the kernel, which
has none. A datagram to this machine is delivered, and stamped, while its sender sends it.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import Self

HOST = "127.0.0.1"
SO_TIMESTAMPNS = 35
"""Option of Linux that stamps each datagram with the real time in nanoseconds."""
STAMP = struct.Struct("@ll")
MOST_BYTES = 4096
APART_SECONDS = 2e-5
"""Longest time between two readings of clocks that count as one moment."""


class StampedPort:
    """A free UDP port of this machine."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)

    @property
    def address(self) -> tuple[str, int]:
        """Host and number of the port."""
        name: tuple[str, int] = self._socket.getsockname()
        return name

    def fileno(self) -> int:
        return self._socket.fileno()

    def receive(self) -> tuple[float, bytes]:
        """Return when a datagram arrived (s, monotonic), and its bytes."""
        data, ancillary, *_ = self._socket.recvmsg(MOST_BYTES, socket.CMSG_SPACE(STAMP.size))
        ((_, _, stamp),) = ancillary
        seconds, nanoseconds = STAMP.unpack(stamp)
        return seconds + nanoseconds / 1e9 - real_minus_monotonic(), data

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


def real_minus_monotonic() -> float:
    """Return the difference of the two clocks of the system (s), read without a pause between."""
    while True:
        before, real, after = time.monotonic(), time.time(), time.monotonic()
        if after - before < APART_SECONDS:
            return real - (before + after) / 2
