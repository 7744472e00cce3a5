"""A player whose controls are moved from outside, and the ways to move them and to hear it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import mido
from pythonosc.udp_client import SimpleUDPClient

from benchmarks.support.pty_line import Line
from benchmarks.timing.moves import Move, Note

WISHES = {"transpose": (-36, 36), "style": ("bach", "jazz")}
NUMBERS = {"transpose": 20, "style": 21}
"""Of the controllers on the MIDI input."""
MAP = """
[[cc]]
number = 20
control = "transpose"

[[cc]]
number = 21
control = "style:bach/jazz"
"""


@dataclass(frozen=True, slots=True)
class Set:
    """Moves that are counted together."""

    control: str
    """Of `WISHES`."""
    by: str
    """`midi`, `osc` or `panel`."""
    responsive: bool
    moves: int

    @property
    def name(self) -> str:
        return f"{self.by}, {'responsive' if self.responsive else 'default'}, {self.moves} moves"


class Ear:
    """Hears the output's line."""

    def __init__(self, line: Line) -> None:
        self.notes: list[Note] = []
        self.begun = asyncio.Event()
        self._line = line
        self._parser = mido.Parser()

    def hear(self) -> None:
        """Stamp what has come."""
        now = time.monotonic()
        self._parser.feed(os.read(self._line.master, 4096))
        for message in self._parser:
            if message.type == "note_on" and message.velocity:
                self.notes.append((now, message.note))
                self.begun.set()


class Hand:
    """Moves a control from one end to the other and back, the one way or the other."""

    def __init__(self, chosen: Set, keys: Line, osc: int, panel: Any) -> None:
        self._chosen = chosen
        self._keys = keys
        self._osc = SimpleUDPClient("127.0.0.1", osc)
        self._panel = panel
        self._ways: dict[str, Callable[[int, Any], Any]] = {
            "midi": self._turn,
            "osc": self._send,
            "panel": self._say,
        }

    async def move(self, end: int) -> Move:
        """Move it to that end (0 or 1), now."""
        wish = WISHES[self._chosen.control][end]
        at = time.monotonic()
        await self._ways[self._chosen.by](end, wish)
        return Move(at, wish)

    async def _turn(self, end: int, _: Any) -> None:
        os.write(self._keys.master, bytes([0xB0, NUMBERS[self._chosen.control], 127 * end]))

    async def _send(self, _: int, wish: Any) -> None:
        self._osc.send_message(f"/perpetuum/{self._chosen.control}", wish)

    async def _say(self, _: int, wish: Any) -> None:
        await self._panel.send_json({"id": 1, "set": {self._chosen.control: wish}})


def free_port(kind: socket.SocketKind) -> int:
    """A port that nobody has."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.asynccontextmanager
async def player(*arguments: str) -> AsyncIterator[None]:
    """`perpetuum play`, ended by Ctrl-C."""
    command = [sys.executable, "-m", "stream", "play", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.wait()


@contextlib.asynccontextmanager
async def panel(port: int, take: Callable[[dict[str, Any]], None]) -> AsyncIterator[Any]:
    """The panel's WebSocket; `take` gets what it tells."""
    origin = f"http://127.0.0.1:{port}"

    async def listen() -> None:
        async for message in connection:
            take(json.loads(message.data))

    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{origin}/events", origin=origin, max_msg_size=0) as connection,
    ):
        listening = asyncio.create_task(listen())
        yield connection
        listening.cancel()


@contextlib.contextmanager
def heard(line: Line) -> Iterator[Ear]:
    """An ear at the line."""
    ear = Ear(line)
    asyncio.get_running_loop().add_reader(line.master, ear.hear)
    yield ear
    asyncio.get_running_loop().remove_reader(line.master)
