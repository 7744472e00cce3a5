"""A hand with an event loop, in a module of its own: the other hands need no asyncio."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Self

from stream.control.socket import (
    CHUNK,
    FILENO,
    MOST_EVENT_BYTES,
    PATIENCE_SECONDS,
    Command,
    Event,
    Lines,
    line_of,
)
from stream.errors import MessageError


class AsyncPlayerSocket:
    """The line to the player, for programs with an event loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, fileno: int = FILENO) -> Self:
        """Take over the descriptor."""
        return cls(*await asyncio.open_connection(sock=socket.socket(fileno=fileno)))

    async def events(self) -> AsyncIterator[Event]:
        """Every event from now on, until the player ends."""
        lines = Lines()
        while data := await self._read():
            for event in lines.feed(data):
                yield event

    def tell(self, command: Command) -> None:
        """Send a command; never waits. Raises `MessageError`, also where the player takes none."""
        line = line_of(command)
        if self._writer.transport.get_write_buffer_size() > MOST_EVENT_BYTES:
            raise MessageError("the player does not listen")
        self._writer.write(line)

    async def drain(self) -> None:
        """Wait until what was told is under way; at most `PATIENCE_SECONDS`."""
        try:
            await asyncio.wait_for(self._writer.drain(), PATIENCE_SECONDS)
        except OSError:  # TimeoutError is one
            return

    def close(self) -> None:
        """End the line."""
        self._writer.close()

    async def _read(self) -> bytes:
        try:
            return await self._reader.read(CHUNK)
        except OSError:
            return b""
