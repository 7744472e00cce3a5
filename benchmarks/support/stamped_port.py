"""A receiver of datagrams that are stamped by the kernel, so that its own scheduling has no effect.

At a pseudo-terminal even a reader with real-time priority waits for a worker of the kernel, which
has none. A datagram to this machine is delivered, and stamped, while its sender sends it.
"""

from __future__ import annotations

import gc
import json
import os
import select
import socket
import struct
import sys
import threading
import time
from typing import Self

HOST = "127.0.0.1"
NOTE_ON = "/perpetuum/note_on"
"""OSC address of a note that begins."""
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
        self.close()

    def close(self) -> None:
        self._socket.close()


def real_minus_monotonic() -> float:
    """Return the difference of the two clocks of the system (s), read without a pause between."""
    while True:
        before, real, after = time.monotonic(), time.time(), time.monotonic()
        if after - before < APART_SECONDS:
            return real - (before + after) / 2


class DatagramCapture:
    """Reads, in a thread, all that arrives at a port of its own."""

    def __init__(self) -> None:
        self._port = StampedPort()
        self._received: list[tuple[float, bytes]] = []
        self._end = os.eventfd(0)
        self._thread = threading.Thread(target=self._capture)

    @property
    def number(self) -> str:
        """Number of the port, as an argument of a child process."""
        return str(self._port.address[1])

    @property
    def output(self) -> str:
        """The port as an output of the player."""
        return f"osc:{HOST}:{self.number}"

    @property
    def stamps(self) -> list[float]:
        """Times of arrival (s, monotonic)."""
        return [at for at, _ in tuple(self._received)]

    def count(self, address: str) -> int:
        """Return how many messages with this OSC address have arrived."""
        begin = address.encode() + b"\0"
        return sum(data.startswith(begin) for _, data in tuple(self._received))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        os.eventfd_write(self._end, 1)
        self._thread.join()
        os.close(self._end)
        self._port.close()

    def _capture(self) -> None:
        port, end = self._port, self._end
        while port in (ready := select.select([port, end], [], [])[0]) or end not in ready:
            self._received.append(port.receive())


def send_bare(port: str) -> None:
    """Read a timeline as a child, and follow it by `time.sleep` and a datagram alone."""
    times = json.loads(sys.stdin.readline())
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect((HOST, int(port)))
        gc.disable()
        for due in times:
            left = due - time.monotonic()
            if left > 0:
                time.sleep(left)
            line.send(b"\x90\x3c\x50")
