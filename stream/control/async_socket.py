"""The player's socket for a controller with an event loop; the others need no asyncio."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Self

from stream.control.socket import (
    CHUNK,
    FILENO,
    MOST_EVENT_BYTES,
    TIMEOUT_SECONDS,
    Command,
    Event,
    command_line,
)
from stream.errors import MessageError
from stream.util.json_lines import JsonLines


class AsyncPlayerSocket:
    """The socket to the player, for programs with an event loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, fileno: int = FILENO) -> Self:
        """Take over the descriptor."""
        return cls(*await asyncio.open_connection(sock=socket.socket(fileno=fileno)))

    async def events(self) -> AsyncIterator[Event]:
        """Yield every event from now on, until the player ends."""
        lines = JsonLines(MOST_EVENT_BYTES)
        while data := await self._read():
            for event in lines.objects(data):
                yield event

    def send(self, command: Command) -> None:
        """Send a command; never wait. Raises `MessageError`, also if the player does not read."""
        line = command_line(command)
        if self._writer.transport.get_write_buffer_size() > MOST_EVENT_BYTES:
            raise MessageError("the player does not read commands; try again")
        self._writer.write(line)

    async def drain(self) -> None:
        """Wait until all commands have been written, at most `TIMEOUT_SECONDS`."""
        try:
            await asyncio.wait_for(self._writer.drain(), TIMEOUT_SECONDS)
        except OSError:  # TimeoutError is one
            return

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()

    async def _read(self) -> bytes:
        try:
            return await self._reader.read(CHUNK)
        except OSError:
            return b""
