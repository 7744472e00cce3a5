"""Between the player and the browsers: events one way, wishes the other, each wish answered."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from pathlib import Path
from typing import Any

from stream.control.async_socket import AsyncPlayerSocket
from stream.control.socket import Event
from stream.errors import StreamError
from stream.panel import requests
from stream.panel.clients import Clients
from stream.panel.downloads import Downloads
from stream.panel.midi_ports import PortWatch, announcements
from stream.panel.rate_limit import RateLimit
from stream.panel.state import State
from stream.panel.style_map import style_map

WISHES_A_SECOND, WISHES_AT_ONCE = 1000, 100
"""What the player hears of all browsers together; the rest waits, and is read when it is due."""
ANSWER_SECONDS = 5.0
"""Longest wait for the player."""


class Relay:
    """Everything the panel knows and does, but for HTTP."""

    def __init__(self, hand: AsyncPlayerSocket) -> None:
        self.clients = Clients()
        self.downloads = Downloads()
        self._hand = hand
        self._state = State()
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Event]] = {}
        self._pace = RateLimit(WISHES_A_SECOND, WISHES_AT_ONCE)
        self._mapping: asyncio.Task[None] | None = None

    def state(self) -> str:
        """All that a browser has to know when it comes, as one line."""
        return _line({"state": self._state.document(time.monotonic())})

    async def run(self) -> None:
        """Pass events on until the player ends."""
        watching = asyncio.create_task(self._watch_ports())
        try:
            async for event in self._hand.events():
                self._take(event)
        finally:
            watching.cancel()
            self.clients.drop_all()

    async def obey(self, message: str | bytes) -> str:
        """Pass a browser's wish on; the line to answer with: what came of it, or why not."""
        try:
            number, wish = requests.read(message)
            granted = requests.checked_request(wish, self._state)
            await self._pace.turn()
            answer = await self._ask(granted)
        except StreamError as error:
            return _line({"answer": requests.number_in(message), "refused": str(error)})
        return _line(answer | {"answer": number})

    def _take(self, event: Event) -> None:
        if "answer" in event:
            self._answered(event)
            return
        told = self._state.take(event)
        if told is None:
            return
        tell = self.clients.tell_moment if "moment" in told else self.clients.tell
        tell(_line(told))
        if "hello" in told:
            self._mapping = asyncio.create_task(self._map(event["hello"].get("voice_file")))

    def _answered(self, event: Event) -> None:
        number = event["answer"]
        future = self._asked.pop(number, None) if isinstance(number, int) else None
        if future is not None and not future.done():
            future.set_result(event)

    async def _ask(self, wish: requests.Wish) -> Event:
        """What the player answers; a file it names becomes a link. Raises `MessageError`."""
        number = next(self._numbers)
        future = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            self._hand.send(wish | {"id": number})
            answer: Event = await asyncio.wait_for(future, ANSWER_SECONDS)
        except TimeoutError:
            return {"refused": "the player does not answer; try again"}
        finally:
            self._asked.pop(number, None)
        if isinstance(answer.get("file"), str):
            return answer | self.downloads.offer(Path(answer["file"]))
        return answer

    async def _map(self, voice: Any) -> None:
        """Tell where the voice's styles lie."""
        with contextlib.suppress(StreamError):
            places = await asyncio.to_thread(style_map, Path(str(voice)))
            self._take({"map": places})

    async def _watch_ports(self) -> None:
        async for ports in PortWatch(announcements()).changes():
            self._take({"ports": list(ports)})


def _line(document: Event) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
