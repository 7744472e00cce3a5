"""The panel over HTTP: pages, a WebSocket for events and requests, and downloads of recordings."""

from __future__ import annotations

import asyncio
import os

from aiohttp import WSMsgType, hdrs, web

from stream.kept.pages import WRITE_SECONDS
from stream.panel import static_files
from stream.panel.access import MOST_BODY_BYTES, AccessCheck
from stream.panel.address import listening
from stream.panel.clients import Client
from stream.panel.connections import IDLE_SECONDS, Connections
from stream.panel.relay import Relay
from stream.radio.relay import RadioRelay
from stream.util.address import Address, check_network

MOST_MESSAGE_BYTES = 2**19
"""Largest message of a browser; a longer one closes the connection."""
HEARTBEAT_SECONDS = 20.0
CHECK_SECONDS = 2.0
"""Interval at which it is checked that the browser of an open WebSocket is still paired."""
LINGER_SECONDS = 1.0
"""Time limit for the rest of an unread body before the connection is closed."""
MOST_HEADERS = 48
"""Most headers of a request."""
CHUNK_BYTES, CHUNK_SECONDS = 2**16, 10.0
"""Size of a chunk of a recording, and the time limit for its transfer."""


class Server:
    """The panel at an address."""

    def __init__(self, relay: Relay, address: Address, access: AccessCheck) -> None:
        self._relay, self._access = relay, access
        self._address = address
        self._pages = static_files.load()
        self._connections = Connections()
        self._radio = RadioRelay(relay.outputs, self._connections, address)
        self._runner = web.AppRunner(
            self.application(),
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=IDLE_SECONDS,
            lingering_time=LINGER_SECONDS,
            max_headers=MOST_HEADERS,
            shutdown_timeout=1,
        )

    def application(self) -> web.Application:
        """Return the application that answers requests."""
        application = web.Application(
            middlewares=[self._connections.middleware, self._access.middleware],
            client_max_size=MOST_BODY_BYTES,
        )
        application.on_response_prepare.append(self._access.add_headers)
        application.router.add_get("/events", self._events, allow_head=False)
        application.router.add_post("/pair", self._access.pair)
        application.router.add_get("/invite", self._access.pairs)
        application.router.add_post("/invite", self._access.invite)
        application.router.add_get("/recordings/{name}", self._recording)
        self._radio.add_routes(application.router)
        application.router.add_get("/kept", self._relay.kept.listed, allow_head=False)
        application.router.add_get("/kept/{name}", self._kept, allow_head=False)
        for path in self._pages:
            application.router.add_get(path, self._page)
        return application

    async def start(self) -> None:
        """Start listening.

        Raises `SettingsError` if no network may be used, `AddressError` if the address is not
        available now.
        """
        check_network(f"panel {self._address}")
        sockets = listening(self._address)
        await self._connections.start(self._runner, sockets)

    async def stop(self) -> None:
        """Stop listening."""
        await self._connections.stop(self._runner)

    async def _page(self, request: web.Request) -> web.Response:
        page = self._pages[request.path]
        headers = {hdrs.ETAG: page.etag, hdrs.CACHE_CONTROL: "no-cache"}
        if request.headers.get(hdrs.IF_NONE_MATCH) == page.etag:
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=page.body, content_type=page.type, charset=page.charset, headers=headers
        )

    async def _recording(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        try:
            file = await asyncio.to_thread(self._relay.downloads.open, name)
        except OSError:
            return web.Response(status=404, text="This recording is no longer available.\n")
        headers = {hdrs.CACHE_CONTROL: "no-store", hdrs.CONTENT_DISPOSITION: "attachment"}
        response = web.StreamResponse(headers=headers)
        response.content_type = "audio/midi"
        with file:
            response.content_length = os.fstat(file.fileno()).st_size
            await response.prepare(request)
            # In chunks: a slow client must not fill the memory.
            most = CHUNK_BYTES if request.method == hdrs.METH_GET else 0
            while data := await asyncio.to_thread(file.read, most):
                self._connections.renew(request, CHUNK_SECONDS)
                await response.write(data)
        await response.write_eof()
        return response

    async def _kept(self, request: web.Request) -> web.Response:
        self._connections.renew(request, WRITE_SECONDS)
        return await self._relay.kept.download(request)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if self._relay.clients.full:
            return web.Response(status=503, text="Too many browsers are connected; close some.\n")
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_SECONDS, max_msg_size=MOST_MESSAGE_BYTES, compress=False, timeout=2
        )
        if not socket.can_prepare(request):
            return web.Response(status=426, text="This address is only for WebSockets.\n")
        client = Client(socket, self._access.token_of(request))
        self._relay.clients.add(client)
        try:
            await socket.prepare(request)
            self._connections.stay(request)
            client.offer(self._relay.state())
            client.start()
            await self._serve(client, socket)
        finally:
            client.drop()
            self._relay.clients.discard(client)
        return socket

    async def _serve(self, client: Client, socket: web.WebSocketResponse) -> None:
        """Serve a browser until it leaves, falls behind or loses its session."""
        listening = asyncio.create_task(self._listen(client, socket))
        sending = asyncio.create_task(client.ended())
        while self._access.admits(client.token):
            done, _ = await asyncio.wait(
                [listening, sending], timeout=CHECK_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if done:
                break
        listening.cancel()
        sending.cancel()
        await socket.close(code=1001)

    async def _listen(self, client: Client, socket: web.WebSocketResponse) -> None:
        async for message in socket:
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            if not self._access.admits(client.token):
                return
            await client.answer(await self._relay.handle(message.data))
