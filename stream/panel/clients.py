"""The browsers that watch, each at its own pace: none is waited for, and none fills the memory."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import web

MOST_CLIENTS = 64
MOST_QUEUED = 256
"""Events that a browser may be behind ..."""
SEND_SECONDS = 10.0
"""... and how long it may take for one, before it is dropped."""
MOST_ANSWERS = 32
"""Answers under way, before another message of the same browser is read."""


class Client:
    """One browser. Of moments only the last one counts."""

    def __init__(self, socket: web.WebSocketResponse, token: str = "") -> None:
        self.token = token
        """Of its session; empty where none is needed."""
        self._socket = socket
        self._queue: asyncio.Queue[tuple[str, bool]] = asyncio.Queue(MOST_QUEUED)
        self._moment = ""
        self._answers = asyncio.Semaphore(MOST_ANSWERS)
        self._sender: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send what is offered."""
        self._sender = asyncio.create_task(self._send())

    def offer(self, text: str) -> None:
        """Send a line when the browser takes it; one that is far behind is dropped."""
        try:
            self._queue.put_nowait((text, False))
        except asyncio.QueueFull:
            self.drop()

    def offer_moment(self, text: str) -> None:
        """Send how things stand, unless the browser is busy and something newer comes."""
        waiting, self._moment = self._moment, text
        if not waiting:
            self.offer("")

    async def answer(self, text: str) -> None:
        """Send an answer; waits while many are under way."""
        await self._answers.acquire()
        self._queue_answer(text)

    def drop(self) -> None:
        """Have done with it."""
        if self._sender is not None:
            self._sender.cancel()

    async def ended(self) -> None:
        """Wait until nothing is sent any more, for whatever reason."""
        if self._sender is not None:
            await asyncio.wait([self._sender])

    def _queue_answer(self, text: str) -> None:
        try:
            self._queue.put_nowait((text, True))
        except asyncio.QueueFull:
            self.drop()

    async def _send(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):  # gone, too slow, or closing
            while True:
                text, answers = await self._queue.get()
                if not text:
                    text, self._moment = self._moment, ""
                async with asyncio.timeout(SEND_SECONDS):
                    await self._socket.send_str(text)
                if answers:
                    self._answers.release()


class Clients:
    """All of them."""

    def __init__(self) -> None:
        self._clients: set[Client] = set()

    @property
    def full(self) -> bool:
        return len(self._clients) >= MOST_CLIENTS

    def __len__(self) -> int:
        return len(self._clients)

    def add(self, client: Client) -> None:
        self._clients.add(client)

    def discard(self, client: Client) -> None:
        self._clients.discard(client)

    def tell(self, text: str) -> None:
        """Tell an event to all."""
        for client in tuple(self._clients):
            client.offer(text)

    def tell_moment(self, text: str) -> None:
        """Tell all how things stand; the slow ones are told less often."""
        for client in tuple(self._clients):
            client.offer_moment(text)

    def drop_all(self) -> None:
        for client in tuple(self._clients):
            client.drop()
