"""A hand: a process of its own that plays the player, and what it speaks with it.

Panel, OSC and MIDI input are hands. The player starts them with a stream socket as file descriptor
3: commands go there and events come from there, each one line of JSON. What is no such line is
passed over. Where the socket ends, the player has ended, and so does the hand.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
import threading
from collections.abc import Iterator, Mapping
from typing import Any

from stream.errors import MessageError
from stream.util.validate import parsed

FILENO = 3
MOST_COMMAND_BYTES = 64 * 1024
"""In a line to the player ..."""
MOST_EVENT_BYTES = 1_000_000
"""... and in one from it."""
PATIENCE_SECONDS = 2
"""A player that takes nothing for so long is gone."""
CHUNK = 65536

Event = dict[str, Any]
Command = Mapping[str, Any]


def own_settings() -> Event:
    """The JSON object that the player gave as the only argument; empty where it gave none.

    Raises `MessageError` for anything else.
    """
    try:
        return parsed(sys.argv[1]) if len(sys.argv) > 1 else {}
    except ValueError as error:
        raise MessageError(f"settings of a hand: {error}") from error


def line_of(command: Command) -> bytes:
    """A command as it travels. Raises `MessageError` for one that is too long, or holds NaN."""
    try:
        line = json.dumps(command, allow_nan=False, separators=(",", ":")).encode() + b"\n"
    except ValueError as error:
        raise MessageError(f"command: {error}") from error
    if len(line) > MOST_COMMAND_BYTES:
        raise MessageError(f"command: {len(line)} bytes; {MOST_COMMAND_BYTES} at most")
    return line


class Lines:
    """Bytes as they come become events."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._skips = False
        """Whether what comes is the rest of a line that is too long."""

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events whose lines have become whole."""
        self._rest += data
        *whole, rest = self._rest.split(b"\n")
        self._rest = rest
        for line in whole:
            if not self._skips and len(line) <= MOST_EVENT_BYTES:
                yield from _event(bytes(line))
            self._skips = False
        if len(self._rest) > MOST_EVENT_BYTES:
            self._rest.clear()
            self._skips = True


def _event(line: bytes) -> Iterator[Event]:
    try:
        yield parsed(line)
    except ValueError:
        return


class PlayerSocket:
    """The line to the player, for programs that wait by themselves. `tell` suits any thread."""

    def __init__(self, fileno: int = FILENO) -> None:
        self._socket = socket.socket(fileno=fileno)
        self._socket.setblocking(True)
        patience = struct.pack("ll", PATIENCE_SECONDS, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)
        self._lines = Lines()
        self._lock = threading.Lock()
        self.ended = False
        """Whether the player has gone."""

    def fileno(self) -> int:
        """Can be read when there are events, and at the end."""
        return self._socket.fileno()

    def receive(self) -> list[Event]:
        """The events that have come; waits for something to come. Sets `ended` at the end."""
        try:
            data = self._socket.recv(CHUNK)
        except OSError:
            data = b""
        self.ended |= not data
        return list(self._lines.feed(data))

    def events(self) -> Iterator[Event]:
        """Every event from now on, until the player ends."""
        while not self.ended:
            yield from self.receive()
        self._socket.close()

    def tell(self, command: Command) -> None:
        """Send a command; nothing happens where the player has gone. Raises `MessageError`."""
        line = line_of(command)
        try:
            with self._lock:
                self._socket.sendall(line)
        except OSError:
            self.close()

    def close(self) -> None:
        """End the line; who waits for events is freed."""
        self.ended = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
