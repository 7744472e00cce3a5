"""Connected browsers, each served at its own speed, without waiting and with bounded memory."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import web

MOST_CLIENTS = 64
MOST_QUEUED = 256
"""Most events that wait for a browser; one that falls further behind is dropped."""
SEND_SECONDS = 10.0
"""Time limit for sending one event, after which the browser is dropped."""
MOST_ANSWERS = 32
"""Most unsent answers of a browser before its next message is read."""


class Client:
    """One browser. Only the latest snapshot is sent to it."""

    def __init__(self, socket: web.WebSocketResponse, token: str = "") -> None:
        self.token = token
        """Token of its session; empty if no pairing is needed."""
        self._socket = socket
        self._queue: asyncio.Queue[tuple[str, bool]] = asyncio.Queue(MOST_QUEUED)
        self._snapshot = ""
        self._answers = asyncio.Semaphore(MOST_ANSWERS)
        self._sender: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start sending the queued lines."""
        self._sender = asyncio.create_task(self._send())

    def offer(self, text: str) -> None:
        """Queue a line; drop the browser if it is too far behind."""
        try:
            self._queue.put_nowait((text, False))
        except asyncio.QueueFull:
            self.drop()

    def offer_snapshot(self, text: str) -> None:
        """Queue a snapshot, in place of one that is not sent yet."""
        waiting, self._snapshot = self._snapshot, text
        if not waiting:
            self.offer("")

    async def answer(self, text: str) -> None:
        """Queue an answer; wait while too many are unsent."""
        await self._answers.acquire()
        self._queue_answer(text)

    def drop(self) -> None:
        """Disconnect the browser."""
        if self._sender is not None:
            self._sender.cancel()

    async def ended(self) -> None:
        """Wait until sending has ended for any reason."""
        if self._sender is not None:
            await asyncio.wait([self._sender])

    def _queue_answer(self, text: str) -> None:
        try:
            self._queue.put_nowait((text, True))
        except asyncio.QueueFull:
            self.drop()

    async def _send(self) -> None:
        with contextlib.suppress(
            OSError, RuntimeError
        ):  # the browser is gone, too slow, or closing
            while True:
                text, answers = await self._queue.get()
                if not text:
                    text, self._snapshot = self._snapshot, ""
                async with asyncio.timeout(SEND_SECONDS):
                    await self._socket.send_str(text)
                if answers:
                    self._answers.release()


class Clients:
    """All connected browsers."""

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

    def broadcast(self, text: str) -> None:
        """Queue an event for all browsers."""
        for client in tuple(self._clients):
            client.offer(text)

    def broadcast_snapshot(self, text: str) -> None:
        """Queue a snapshot for all browsers; slow ones skip some."""
        for client in tuple(self._clients):
            client.offer_snapshot(text)

    def drop_all(self) -> None:
        for client in tuple(self._clients):
            client.drop()
