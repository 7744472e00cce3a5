"""The panel over HTTP: pages, a WebSocket for events and wishes, and recordings to fetch."""

from __future__ import annotations

import asyncio

from aiohttp import WSMsgType, hdrs, web

from stream.address import Address, check_network
from stream.errors import SettingsError
from stream.panel import pages
from stream.panel.clients import Client
from stream.panel.guard import Guard, add_headers, token_of
from stream.panel.relay import Relay

MOST_REQUEST_BYTES = 4096
"""In the body of a request."""
MOST_MESSAGE_BYTES = 2**20
"""In a message of a browser, before its connection is closed; longer than `wishes` are refused."""
HEARTBEAT_SECONDS = 20.0
USE_SECONDS = 60.0
"""Who watches uses the session, and is looked at so often."""
IDLE_SECONDS = 15.0
"""A connection is kept so long for another request."""


class Server:
    """The panel at an address."""

    def __init__(self, relay: Relay, address: Address, guard: Guard) -> None:
        self._relay, self._guard = relay, guard
        self._address = address
        self._pages = pages.load()
        self._runner = web.AppRunner(
            self.application(), access_log=None, keepalive_timeout=IDLE_SECONDS, shutdown_timeout=1
        )

    def application(self) -> web.Application:
        """What answers requests."""
        application = web.Application(
            middlewares=[self._guard.middleware], client_max_size=MOST_REQUEST_BYTES
        )
        application.on_response_prepare.append(add_headers)
        application.router.add_get("/events", self._events)
        application.router.add_post("/pair", self._guard.pair)
        application.router.add_get("/recordings/{name}", self._recording)
        for path in self._pages:
            application.router.add_get(path, self._page)
        return application

    async def start(self) -> None:
        """Listen. Raises `SettingsError` where there is no network, or not that address."""
        address = self._address
        check_network(f"panel {address}")
        await self._runner.setup()
        site = web.TCPSite(self._runner, address.host, address.port)
        try:
            await site.start()
        except OSError as error:
            await self.stop()
            raise SettingsError(
                f"panel: {address}: {error.strerror or error}; another program may be there:"
                f" use another port, as --panel {Address(address.host, address.port % 65535 + 1)}"
            ) from error

    async def stop(self) -> None:
        """Listen no longer."""
        await self._runner.cleanup()

    async def _page(self, request: web.Request) -> web.Response:
        page = self._pages[request.path]
        headers = {hdrs.ETAG: page.etag, hdrs.CACHE_CONTROL: "no-cache"}
        if request.headers.get(hdrs.IF_NONE_MATCH) == page.etag:
            return web.Response(status=304, headers=headers)
        return web.Response(
            body=page.body, content_type=page.type, charset="utf-8", headers=headers
        )

    async def _recording(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        try:
            data = await asyncio.to_thread(self._relay.downloads.read, name)
        except OSError:
            return web.Response(status=404, text="There is no such recording any more.\n")
        headers = {hdrs.CACHE_CONTROL: "no-store", hdrs.CONTENT_DISPOSITION: "attachment"}
        return web.Response(body=data, content_type="audio/midi", headers=headers)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if self._relay.clients.full:
            return web.Response(status=503, text="Too many browsers are here; close some.\n")
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_SECONDS, max_msg_size=MOST_MESSAGE_BYTES, compress=False, timeout=2
        )
        if not socket.can_prepare(request):
            return web.Response(status=426, text="This is for WebSockets.\n")
        client = Client(socket, token_of(request))
        self._relay.clients.add(client)
        try:
            await socket.prepare(request)
            client.offer(self._relay.state())
            client.start()
            await self._serve(client, socket)
        finally:
            client.drop()
            self._relay.clients.discard(client)
        return socket

    async def _serve(self, client: Client, socket: web.WebSocketResponse) -> None:
        """Until the browser goes, does not keep up, or is no longer known."""
        listening = asyncio.create_task(self._listen(client, socket))
        sending = asyncio.create_task(client.ended())
        while self._guard.admits(client.token):
            done, _ = await asyncio.wait(
                [listening, sending], timeout=USE_SECONDS, return_when=asyncio.FIRST_COMPLETED
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
            if not self._guard.admits(client.token):
                return
            await client.answer(await self._relay.obey(message.data))
