"""Who is connected: so many together, so many from one address, and none that only holds a place.

Each connection has a deadline, for its first request, for the body and the answer of each, and for
the next one; a WebSocket has none. Where there is no room left, the one that has done nothing for
longest makes room: whoever comes anew is served, however many stand around.
"""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
from collections import Counter
from collections.abc import Awaitable, Callable

from aiohttp import web

from stream.panel.address import network

MOST = 160
"""Connections at a time ..."""
MOST_OF_A_NETWORK = 96
"""... and from one address; an IPv6 network of 64 bits counts as one."""
REQUEST_SECONDS = 10.0
"""For a request: its head, or its body and what is done about it."""
IDLE_SECONDS = 15.0
"""For an answer to be taken, and the next request to begin."""
SHORT = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""Descriptors or memory are short."""
SHORT_SECONDS = 0.1
"""Until another connection is taken, where one could not be."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""What answers a request."""


class Connection:
    """One of them, which is cut off at its deadline."""

    def __init__(
        self, network_: str, connected: socket.socket, transport: asyncio.Transport
    ) -> None:
        self.network = network_
        self.stays = False
        """Whether it is to make room for nobody."""
        self._socket = connected
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self.renew(REQUEST_SECONDS)

    def renew(self, seconds: float) -> None:
        """It has done something: it may go on for so long."""
        self._stop_timer()
        self.stays, self.since = False, self._loop.time()
        self._timer = self._loop.call_later(seconds, self.abort)

    def stay(self) -> None:
        """It may stay for as long as it likes: others look after it."""
        self.stays = True
        self._stop_timer()

    def abort(self) -> None:
        """Cut it off, whatever is under way."""
        self._stop_timer()
        self._transport.abort()

    def ended(self) -> bool:
        """Whether it has ended; then it has no deadline any more."""
        if self._socket.fileno() >= 0:
            return False
        self._stop_timer()
        return True

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


class Connections:
    """All of them, and how they come."""

    def __init__(self) -> None:
        self._open: dict[asyncio.BaseTransport, Connection] = {}
        self._most = min(MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Give the request its time, then the answer and the next request theirs."""
        self.renew(request, REQUEST_SECONDS)
        try:
            return await handler(request)
        finally:
            self.renew(request, IDLE_SECONDS)

    def renew(self, request: web.Request, seconds: float) -> None:
        """Let the request's connection go on for so long."""
        if connection := self._of(request):
            connection.renew(seconds)

    def stay(self, request: web.Request) -> None:
        """Let the request's connection stay: others look after it."""
        if connection := self._of(request):
            connection.stay()

    def _of(self, request: web.Request) -> Connection | None:
        """None where it has ended."""
        return self._open.get(request.transport) if request.transport else None

    async def accept(
        self, listening: socket.socket, protocol: Callable[[], asyncio.Protocol]
    ) -> None:
        """Take whoever comes, until it is cancelled; then nobody is listened to any more."""
        loop = asyncio.get_running_loop()
        with listening:
            while True:
                try:
                    connected, name = await loop.sock_accept(listening)
                    await self._welcome(connected, network(name[0]), protocol)
                except OSError as error:  # who came may have gone already
                    made = error.errno in SHORT and self._make_room(self._all())
                    await asyncio.sleep(0.0 if made else SHORT_SECONDS)

    async def _welcome(
        self, connected: socket.socket, network_: str, protocol: Callable[[], asyncio.Protocol]
    ) -> None:
        """Serve it, if there is room for it. Raises `OSError` where it has gone."""
        if not self._has_room(network_):
            connected.close()
            await asyncio.sleep(0.0)  # another may be waiting, but so may those that are here
            return
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_accepted_socket(protocol, connected)
        self._open[transport] = Connection(network_, connected, transport)

    def _has_room(self, newcomer: str) -> bool:
        """Whether there is room, by now, for one more of a network."""
        found = self._all()
        own = [each for each in found if each.network == newcomer]
        if len(own) >= MOST_OF_A_NETWORK:
            return self._make_room(own)
        if len(found) >= self._most:
            # Those make room who take most of it.
            for most, _ in Counter(each.network for each in found).most_common():
                if self._make_room([each for each in found if each.network == most]):
                    return True
            return False
        return True

    def _all(self) -> list[Connection]:
        self._open = {at: each for at, each in self._open.items() if not each.ended()}
        return list(self._open.values())

    def _make_room(self, found: list[Connection]) -> bool:
        """Cut off the one that has done nothing for longest; whether there was one."""
        oldest = min((e for e in found if not e.stays), key=lambda e: e.since, default=None)
        if oldest is not None:
            oldest.abort()
        return oldest is not None
