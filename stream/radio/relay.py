"""The radio on the panel's address, so that a phone needs one port and one pairing."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable

import aiohttp
from aiohttp import hdrs, web

from stream.panel.address import ANYWHERE
from stream.panel.connections import Connections
from stream.radio import links
from stream.radio.access import given_token
from stream.radio.access_token import is_token, read_token, token_folder
from stream.radio.server import LiveResponse, playlist
from stream.util.address import Address

MOST_LISTENERS = 32
CHUNK_BYTES = 8192
SEND_SECONDS = 25.0
"""Time limit for a chunk, after which the connection of a listener that stands still is closed."""
CONNECT_SECONDS = 5.0
PASSED = ("icy-name", "icy-description", "icy-br", "icy-pub", "icy-metaint", hdrs.CONTENT_TYPE)
"""Headers that are passed on from the radio."""
ABSENT = "The radio is off; start the player with --radio.\n"


class RadioRelay:
    """Passes on the radio among `outputs`, the names of the player's connected outputs.

    `panel` is the address at which this is served.
    """

    def __init__(
        self, outputs: Callable[[], Iterable[str]], connections: Connections, panel: Address
    ) -> None:
        self._outputs, self._panel = outputs, panel
        self._connections = connections
        self._listeners = 0

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve the radio's paths."""
        router.add_get(links.MP3, self._stream)
        for path in (links.M3U, links.PLS):
            router.add_get(path, self._playlist)

    async def _playlist(self, request: web.Request) -> web.Response:
        if _address(self._outputs()) is None:
            return web.Response(status=404, text=ABSENT)
        # The program that opens it is not paired.
        needed = "" if self._panel.loopback else await asyncio.to_thread(token)
        return playlist(request, needed)

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        address = _address(self._outputs())
        if address is None:
            return web.Response(status=404, text=ABSENT)
        if self._listeners >= MOST_LISTENERS:
            return web.Response(status=503, text="Too many listeners are connected.\n")
        self._listeners += 1
        try:
            return await self._relayed(request, await _url(address))
        except aiohttp.ClientError:
            return web.Response(status=502, text="The radio does not answer; try again.\n")
        finally:
            self._listeners -= 1

    async def _relayed(self, request: web.Request, url: str) -> web.StreamResponse:
        """Pass the stream on until one of both ends leaves. Raises `aiohttp.ClientError`."""
        wanted = {n: v for n, v in request.headers.items() if n.lower() == "icy-metadata"}
        limits = aiohttp.ClientTimeout(None, CONNECT_SECONDS, sock_read=SEND_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=limits, auto_decompress=False) as session,
            session.request(request.method, url, headers=wanted) as radio,
        ):
            passed = {name: radio.headers[name] for name in PASSED if name in radio.headers}
            response = LiveResponse(status=radio.status, headers=passed)
            response.force_close()
            await response.prepare(request)
            with contextlib.suppress(OSError, aiohttp.ClientError):  # one of both is gone
                async for chunk in radio.content.iter_chunked(CHUNK_BYTES):
                    self._connections.renew(request, SEND_SECONDS)
                    await response.write(chunk)
            return response


def has_token(request: web.Request) -> bool:
    """Return whether a request is for the radio, and carries its token."""
    given = given_token(request) if request.path in links.PATHS else ""
    return bool(given) and is_token(given, token())


def token() -> str:
    """Return the radio's token, or an empty text."""
    try:
        return read_token(token_folder())
    except OSError:
        return ""


def _address(outputs: Iterable[str]) -> Address | None:
    """Return the address at which this machine reaches the radio; None if it is off."""
    found = links.radio_among(outputs)
    return found._replace(host="localhost") if found and found.host in ANYWHERE else found


async def _url(address: Address) -> str:
    return links.stream_url(f"http://{address}", await asyncio.to_thread(token))
