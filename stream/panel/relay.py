"""Relay between player and browsers: events one way, requests and their answers the other."""

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
from stream.kept.pages import LOCAL, KeptPages
from stream.panel import requests
from stream.panel.clients import Clients
from stream.panel.downloads import Downloads
from stream.panel.midi_ports import PortWatch, announcements
from stream.panel.state import State
from stream.panel.style_map import style_map
from stream.util.rate_limit import RateLimit

REQUESTS_A_SECOND, REQUESTS_AT_ONCE = 1000, 100
"""Rate and burst of the requests of all browsers together; others wait for their turn."""
ANSWER_SECONDS = 5.0
"""Longest wait for an answer of the player."""


class Relay:
    """State and functions of the panel except for HTTP."""

    def __init__(self, player: AsyncPlayerSocket) -> None:
        self.clients = Clients()
        self.downloads = Downloads()
        self.kept = KeptPages(lambda: self._state.kept_folder)
        self._player = player
        self._state = State()
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[Event]] = {}
        self._rate_limit = RateLimit(REQUESTS_A_SECOND, REQUESTS_AT_ONCE)
        self._map_task: asyncio.Task[None] | None = None

    def state(self) -> str:
        """Return the whole state, which a new browser needs, as one line."""
        return _line({"state": self._state.document(time.monotonic())})

    def outputs(self) -> tuple[str, ...]:
        """Return the names of the player's connected outputs."""
        return self._state.connected

    async def run(self) -> None:
        """Forward events until the player ends."""
        watching = asyncio.create_task(self._watch_ports())
        try:
            async for event in self._player.events():
                self._handle_event(event)
        finally:
            watching.cancel()
            self.clients.drop_all()

    async def handle(self, message: str | bytes) -> str:
        """Forward a browser's request; return the line with the result or the refusal."""
        try:
            number, request = requests.read(message)
            checked = requests.checked_request(request, self._state)
            await asyncio.sleep(self._rate_limit.reserve(asyncio.get_running_loop().time()))
            if LOCAL & checked.keys():
                answer = await self.kept.answer(checked)
                self._tell_deleted(answer)
            else:
                answer = await self._ask(checked)
        except StreamError as error:
            return _line({"answer": requests.number_in(message), "refused": str(error)})
        return _line(answer | {"answer": number})

    def _tell_deleted(self, answer: Event) -> None:
        """Have player and browsers forget a kept tune that was deleted."""
        if "deleted" in answer:
            self._player.send({"unlike": answer["deleted"]})
            self._handle_event({"kept": self._state.kept | answer})

    def _handle_event(self, event: Event) -> None:
        if "answer" in event:
            self._answered(event)
            return
        public = self._state.update(event)
        if public is None:
            return
        is_snapshot = "moment" in public
        send = self.clients.broadcast_snapshot if is_snapshot else self.clients.broadcast
        send(_line(public))
        if "hello" in public:
            self._map_task = asyncio.create_task(self._map(event["hello"].get("voice_file")))

    def _answered(self, event: Event) -> None:
        number = event["answer"]
        future = self._pending.pop(number, None) if isinstance(number, int) else None
        if future is not None and not future.done():
            future.set_result(event)

    async def _ask(self, request: requests.Request) -> Event:
        """Return the player's answer, with a link for a file. Raises `MessageError`."""
        number = next(self._numbers)
        future = self._pending[number] = asyncio.get_running_loop().create_future()
        try:
            self._player.send(request | {"id": number})
            answer: Event = await asyncio.wait_for(future, ANSWER_SECONDS)
        except TimeoutError:
            return {"refused": "the player does not answer; try again"}
        finally:
            self._pending.pop(number, None)
        if isinstance(answer.get("file"), str):
            return answer | self.downloads.offer(Path(answer["file"]))
        return answer

    async def _map(self, voice: Any) -> None:
        """Send the places of the voice's styles on the map."""
        with contextlib.suppress(StreamError):
            places = await asyncio.to_thread(style_map, Path(str(voice)))
            self._handle_event({"map": places})

    async def _watch_ports(self) -> None:
        async for ports in PortWatch(announcements()).changes():
            self._handle_event({"ports": list(ports)})


def _line(document: Event) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
