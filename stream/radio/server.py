"""The radio over HTTP: the stream, and playlists that lead to it."""

from __future__ import annotations

import asyncio
import contextlib
import socket

from aiohttp import hdrs, web

from stream.panel.address import listening
from stream.panel.connections import IDLE_SECONDS, Connections
from stream.radio import links
from stream.radio.access import RadioAccess, add_headers
from stream.radio.broadcast import Broadcast
from stream.radio.encoder import BIT_RATE
from stream.radio.icy import INTERVAL, TitleWeaver
from stream.util.address import Address, check_network

PLAYLISTS = {
    links.M3U: ("audio/x-mpegurl", links.m3u),
    links.PLS: ("audio/x-scpls", links.pls),
}
SEND_BYTES = 32_768
"""Size of a listener's buffers here; what a slow one lacks must wait in its queue."""
MOST_HEADERS = 48
ICY = {
    "icy-name": links.TITLE,
    "icy-description": "music that never stops",
    "icy-br": str(BIT_RATE),
    "icy-pub": "0",
}


class LiveResponse(web.StreamResponse):
    """An answer without an end, sent as it is: some speakers do not understand chunks."""

    _length_check = False


class RadioServer:
    """The radio at an address."""

    def __init__(self, broadcast: Broadcast, address: Address, access: RadioAccess) -> None:
        self._broadcast, self._address, self._access = broadcast, address, access
        self._connections = Connections()
        self._runner = web.AppRunner(
            self.application(),
            access_log=None,
            keepalive_timeout=IDLE_SECONDS,
            max_headers=MOST_HEADERS,
            shutdown_timeout=1,
        )

    def application(self) -> web.Application:
        """Return the application that answers requests."""
        application = web.Application(
            middlewares=[self._connections.middleware, self._access.middleware]
        )
        application.on_response_prepare.append(add_headers)
        application.router.add_get(links.MP3, self._stream)
        for path in PLAYLISTS:
            application.router.add_get(path, self._playlist)
        return application

    async def start(self) -> None:
        """Start listening. Raises `SettingsError` or `AddressError` as the panel's server does."""
        check_network(f"radio {self._address}")
        sockets = listening(self._address, "radio")
        await self._connections.start(self._runner, sockets)

    async def stop(self) -> None:
        """Stop listening."""
        await self._connections.stop(self._runner)

    async def _playlist(self, request: web.Request) -> web.Response:
        return playlist(request, "" if self._address.loopback else self._access.token)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if self._broadcast.full:
            return web.Response(status=503, text="Too many listeners are connected.\n")
        with_titles = request.headers.get("Icy-MetaData") == "1"
        titles = {"icy-metaint": str(INTERVAL)} if with_titles else {}
        response = LiveResponse(headers=ICY | titles)
        response.content_type = "audio/mpeg"
        response.force_close()
        await response.prepare(request)
        if request.method != hdrs.METH_HEAD and request.transport is not None:
            _limit_buffers(request.transport)
            self._connections.stay(request)
            await self._serve(request.transport, response, TitleWeaver() if with_titles else None)
        return response

    async def _serve(
        self,
        transport: asyncio.Transport,
        response: web.StreamResponse,
        weaver: TitleWeaver | None,
    ) -> None:
        """Send the stream until the listener leaves or is dropped."""
        listener = self._broadcast.join(transport.abort)
        try:
            with contextlib.suppress(OSError):  # the listener is gone
                while True:
                    sound, title = await listener.next()
                    await response.write(weaver.weave(sound, title) if weaver else sound)
        finally:
            self._broadcast.leave(listener)


def playlist(request: web.Request, token: str) -> web.Response:
    """Return a playlist that leads to the stream under the name by which it was requested."""
    kind, write = PLAYLISTS[request.path]
    url = links.stream_url(f"http://{request.headers.get(hdrs.HOST, '')}", token)
    return web.Response(text=write(url), content_type=kind, charset="utf-8")


def _limit_buffers(transport: asyncio.Transport) -> None:
    transport.set_write_buffer_limits(high=SEND_BYTES)
    connected = transport.get_extra_info("socket")
    if connected is not None:
        with contextlib.suppress(OSError):
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
