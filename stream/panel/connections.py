"""Limits on connections: how many in total, how many per address, and how long they may be idle.

Each connection has a deadline for its first request, for the body and the answer of each request,
and for the next one; a WebSocket has no deadline. If a limit is reached, the connection that has
been idle for longest is closed, so that a new client is always served.
"""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from typing import cast

from aiohttp import web

from stream.panel.address import network

MOST = 160
"""Most open connections."""
MOST_OF_A_NETWORK = 96
"""Most open connections of one address; an IPv6 network of 64 bits counts as one address."""
REQUEST_SECONDS = 10.0
"""Time limit for the head of a request, and for its body together with the handler."""
IDLE_SECONDS = 15.0
"""Time limit for an answer to be received and the next request to begin."""
SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""Errors when descriptors or memory run out."""
SHORTAGE_SECONDS = 0.1
"""Pause after a connection that could not be accepted."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""Function that answers a request."""


class Connection:
    """Open connection, which is closed at its deadline."""

    def __init__(
        self, network_: str, connected: socket.socket, transport: asyncio.Transport
    ) -> None:
        self.network = network_
        self.is_permanent = False
        """True if the connection has no deadline and is not closed to make room."""
        self._socket = connected
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self.renew(REQUEST_SECONDS)

    def renew(self, seconds: float) -> None:
        """Move the deadline to so many seconds from now."""
        self._stop_timer()
        self.is_permanent, self.since = False, self._loop.time()
        self._timer = self._loop.call_later(seconds, self.abort)

    def stay(self) -> None:
        """Remove the deadline; the caller is responsible for closing the connection."""
        self.is_permanent = True
        self._stop_timer()

    def abort(self) -> None:
        """Close the connection at once."""
        self._stop_timer()
        self._transport.abort()

    def ended(self) -> bool:
        """Return whether the connection has ended; if so, remove its deadline."""
        if self._socket.fileno() >= 0:
            return False
        self._stop_timer()
        return True

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()


class Connections:
    """All open connections."""

    def __init__(self) -> None:
        self._open: dict[asyncio.BaseTransport, Connection] = {}
        self._most = min(MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        self._accepting: list[asyncio.Task[None]] = []

    async def start(self, runner: web.AppRunner, sockets: Iterable[socket.socket]) -> None:
        """Serve an application on listening sockets."""
        await runner.setup()
        server = cast("web.Server", runner.server)  # the setup has created it
        self._accepting = [asyncio.create_task(self.accept(each, server)) for each in sockets]

    async def stop(self, runner: web.AppRunner) -> None:
        """Close the listening sockets, and end the application."""
        for each in self._accepting:
            each.cancel()
        await asyncio.gather(*self._accepting, return_exceptions=True)
        await runner.cleanup()

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Set the deadline of the request, then that of the answer and the next request."""
        self.renew(request, REQUEST_SECONDS)
        try:
            return await handler(request)
        finally:
            self.renew(request, IDLE_SECONDS)

    def renew(self, request: web.Request, seconds: float) -> None:
        """Move the deadline of the request's connection to so many seconds from now."""
        if connection := self._of(request):
            connection.renew(seconds)

    def stay(self, request: web.Request) -> None:
        """Remove the deadline of the request's connection."""
        if connection := self._of(request):
            connection.stay()

    def _of(self, request: web.Request) -> Connection | None:
        """Return the connection of a request, or None if it has ended."""
        return self._open.get(request.transport) if request.transport else None

    async def accept(
        self, listening: socket.socket, protocol: Callable[[], asyncio.Protocol]
    ) -> None:
        """Accept connections until the task is cancelled, then close the listening socket."""
        loop = asyncio.get_running_loop()
        with listening:
            while True:
                try:
                    connected, name = await loop.sock_accept(listening)
                    await self._admit(connected, network(name[0]), protocol)
                except OSError as error:  # the client may be gone already
                    made = error.errno in SHORTAGES and self._make_room(self._all())
                    await asyncio.sleep(0.0 if made else SHORTAGE_SECONDS)

    async def _admit(
        self, connected: socket.socket, network_: str, protocol: Callable[[], asyncio.Protocol]
    ) -> None:
        """Serve a connection if there is room for it. Raises `OSError` if it has ended."""
        if not self._has_room(network_):
            connected.close()
            await asyncio.sleep(0.0)  # let the open connections run before the next one
            return
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_accepted_socket(protocol, connected)
        self._open[transport] = Connection(network_, connected, transport)

    def _has_room(self, network_: str) -> bool:
        """Return whether there is room, or room could be made, for one more of a network."""
        found = self._all()
        own = [each for each in found if each.network == network_]
        if len(own) >= MOST_OF_A_NETWORK:
            return self._make_room(own)
        if len(found) >= self._most:
            # Close a connection of the network that has the most.
            for most, _ in Counter(each.network for each in found).most_common():
                if self._make_room([each for each in found if each.network == most]):
                    return True
            return False
        return True

    def _all(self) -> list[Connection]:
        """Forget the connections that have ended, and return the others."""
        self._open = {at: each for at, each in self._open.items() if not each.ended()}
        return list(self._open.values())

    def _make_room(self, found: list[Connection]) -> bool:
        """Close the connection that has been idle for longest; return whether there was one."""
        oldest = min((e for e in found if not e.is_permanent), key=lambda e: e.since, default=None)
        if oldest is not None:
            oldest.abort()
        return oldest is not None
