"""The socket between a controller process and the player.

The panel, OSC and MIDI input are controllers: processes that the player starts with a stream socket
as file descriptor 3. They send commands and receive events, each as one line of JSON; any other
line is ignored. The end of the socket means that the player has ended, and ends the controller.
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
from stream.util.json_lines import JsonLines
from stream.util.validate import parsed

FILENO = 3
MOST_COMMAND_BYTES = 64 * 1024
"""Bytes of a line to the player."""
MOST_EVENT_BYTES = 1_000_000
"""Bytes of a line from the player."""
TIMEOUT_SECONDS = 2
"""Seconds without reading after which the player counts as ended."""
CHUNK = 65536

Event = dict[str, Any]
Command = Mapping[str, Any]


def settings_argument() -> Event:
    """Return the JSON object in the only command-line argument; an empty one without argument.

    Raises `MessageError` for anything else.
    """
    try:
        return parsed(sys.argv[1]) if len(sys.argv) > 1 else {}
    except ValueError as error:
        raise MessageError(f"settings of a controller: {error}") from error


def command_line(command: Command) -> bytes:
    """Return a command as a line. Raises `MessageError` for one that is too long or holds NaN."""
    try:
        line = json.dumps(command, allow_nan=False, separators=(",", ":")).encode() + b"\n"
    except ValueError as error:
        raise MessageError(f"command: {error}") from error
    if len(line) > MOST_COMMAND_BYTES:
        raise MessageError(f"command: {len(line)} bytes; at most {MOST_COMMAND_BYTES} are accepted")
    return line


class PlayerSocket:
    """The socket to the player, for programs without an event loop. `send` suits any thread."""

    def __init__(self, fileno: int = FILENO) -> None:
        self._socket = socket.socket(fileno=fileno)
        self._socket.setblocking(True)
        timeout = struct.pack("ll", TIMEOUT_SECONDS, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeout)
        self._lines = JsonLines(MOST_EVENT_BYTES)
        self._lock = threading.Lock()
        self.ended = False
        """True once the player has ended."""

    def fileno(self) -> int:
        """Return a descriptor that is readable when events have arrived, and at the end."""
        return self._socket.fileno()

    def receive(self) -> list[Event]:
        """Wait for data and return the events in it; set `ended` at the end."""
        try:
            data = self._socket.recv(CHUNK)
        except OSError:
            data = b""
        self.ended |= not data
        return list(self._lines.objects(data))

    def events(self) -> Iterator[Event]:
        """Yield every event from now on, until the player ends."""
        while not self.ended:
            yield from self.receive()
        self._socket.close()

    def send(self, command: Command) -> None:
        """Send a command; do nothing if the player has ended. Raises `MessageError`."""
        line = command_line(command)
        try:
            with self._lock:
                self._socket.sendall(line)
        except OSError:
            self.close()

    def close(self) -> None:
        """Close the connection; a call of `events` that waits returns."""
        self.ended = True
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
