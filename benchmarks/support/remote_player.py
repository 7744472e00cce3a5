"""A player whose controls are moved by MIDI, OSC or its panel, and a capture of its notes."""

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

EXTREMES = {"transpose": (-36, 36), "style": ("bach", "jazz")}
NUMBERS = {"transpose": 20, "style": 21}
"""Numbers of the control changes on the MIDI input."""
MAP = """
[[cc]]
number = 20
control = "transpose"

[[cc]]
number = 21
control = "style:bach/jazz"
"""


@dataclass(frozen=True, slots=True)
class MoveSet:
    """Moves that are counted together."""

    control: str
    """A key of `EXTREMES`."""
    by: str
    """`midi`, `osc` or `panel`."""
    responsive: bool
    moves: int

    @property
    def name(self) -> str:
        return f"{self.by}, {'responsive' if self.responsive else 'default'}, {self.moves} moves"


class NoteCapture:
    """Captures the notes on the output's line."""

    def __init__(self, line: Line) -> None:
        self.notes: list[Note] = []
        self.begun = asyncio.Event()
        self._line = line
        self._parser = mido.Parser()

    def receive(self) -> None:
        """Read what has arrived, and note the time of each note-on."""
        now = time.monotonic()
        self._parser.feed(os.read(self._line.master, 4096))
        for message in self._parser:
            if message.type == "note_on" and message.velocity:
                self.notes.append((now, message.note))
                self.begun.set()


class ControlMover:
    """Moves a control from one end to the other and back by MIDI, by OSC or on the panel."""

    def __init__(self, chosen: MoveSet, keys: Line, osc: int, panel: Any) -> None:
        self._chosen = chosen
        self._keys = keys
        self._osc = SimpleUDPClient("127.0.0.1", osc)
        self._panel = panel
        self._senders: dict[str, Callable[[int, Any], Any]] = {
            "midi": self._send_midi,
            "osc": self._send_osc,
            "panel": self._send_panel,
        }

    async def move(self, end: int) -> Move:
        """Move the control to that end (0 or 1) now."""
        value = EXTREMES[self._chosen.control][end]
        at = time.monotonic()
        await self._senders[self._chosen.by](end, value)
        return Move(at, value)

    async def _send_midi(self, end: int, _: Any) -> None:
        os.write(self._keys.master, bytes([0xB0, NUMBERS[self._chosen.control], 127 * end]))

    async def _send_osc(self, _: int, value: Any) -> None:
        self._osc.send_message(f"/perpetuum/{self._chosen.control}", value)

    async def _send_panel(self, _: int, value: Any) -> None:
        await self._panel.send_json({"id": 1, "set": {self._chosen.control: value}})


def free_port(kind: socket.SocketKind) -> int:
    """Return a free port."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.asynccontextmanager
async def player(*arguments: str) -> AsyncIterator[None]:
    """Run `perpetuum play` until the end of the block, and end it by SIGINT."""
    command = [sys.executable, "-m", "stream", "play", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        await process.wait()


@contextlib.asynccontextmanager
async def panel(port: int, handle: Callable[[dict[str, Any]], None]) -> AsyncIterator[Any]:
    """Connect to the panel's WebSocket; call `handle` with each of its messages."""
    origin = f"http://127.0.0.1:{port}"

    async def listen() -> None:
        async for message in connection:
            handle(json.loads(message.data))

    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{origin}/events", origin=origin, max_msg_size=0) as connection,
    ):
        listening = asyncio.create_task(listen())
        yield connection
        listening.cancel()


@contextlib.contextmanager
def captured(line: Line) -> Iterator[NoteCapture]:
    """Capture the notes on the line inside the block."""
    capture = NoteCapture(line)
    asyncio.get_running_loop().add_reader(line.master, capture.receive)
    yield capture
    asyncio.get_running_loop().remove_reader(line.master)
