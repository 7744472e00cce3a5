"""What stands before every request: it has to be for us, from our page, by somebody we know."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

from aiohttp import hdrs, web

from stream.panel.address import is_loopback, network, plain
from stream.panel.connections import Handler
from stream.panel.origin import Origins
from stream.panel.pairing import Pairing, PairingError, new_code
from stream.panel.static_files import PAIRING
from stream.util.address import Address

COOKIE_SECONDS = 400 * 24 * 3600
"""A browser may keep the cookie, and gets it anew with each page; the session may end before."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
MOST_CODE = 64
"""Letters of what is typed as code."""
BODY_SECONDS = 5.0
"""For it to come, all of it."""
TEXT = ("utf-8", "utf8", "us-ascii", "ascii")
"""Character sets of it."""
PLAIN = {hdrs.CONTENT_ENCODING: ("", "identity"), hdrs.TRANSFER_ENCODING: ("", "chunked")}
"""Codings of a body: what would have to be unpacked is not taken."""
MOST_BODY_BYTES = 4096
PAUSE_SECONDS = 0.25
"""Before who has guessed too often hears so: what is not refused is at least slow."""


class AccessCheck:
    """The checks, and the way to be let in. `clock` gives monotonic seconds."""

    def __init__(self, address: Address, clock: Callable[[], float] = time.monotonic) -> None:
        self.code = "" if address.loopback else new_code()
        """To be typed once by each browser; empty: none is needed."""
        self._cookie = f"perpetuum-{address.port}"
        """Browsers send a cookie to all ports of a host: another panel has another one."""
        self._origins = Origins(address)
        self._pairing = Pairing(self.code, clock) if self.code else None

    @property
    def notice(self) -> str:
        """How to get in, behind the address."""
        return f" pairing code {self.code}" if self.code else ""

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse what is not for us, or by nobody we know; else handle it."""
        refused = self._refused(request)
        return await handler(request) if refused is None else refused

    def _refused(self, request: web.Request) -> web.Response | None:
        host, local = _only(request, hdrs.HOST), _local(request)
        if not self._origins.serves(host, local):
            return _refusal(403, "This panel has another name: use the address it was told with.")
        orders = request.method == hdrs.METH_POST or hdrs.UPGRADE in request.headers
        if orders and not self._origins.allows(_only(request, hdrs.ORIGIN), host):
            return _refusal(403, "This is for the panel's own page.")
        if any(_all(request, name).lower() not in known for name, known in PLAIN.items()):
            return _refusal(415, "Send it as it is, not packed.")
        if request.path in PAIRING or self.admits(self.token_of(request)):
            return None
        if request.path == "/":
            return web.Response(status=303, headers={"Location": "/pair"})
        return _refusal(401, "Type the pairing code first, at /pair.")

    def admits(self, token: str) -> bool:
        """Whether it is the token of a session, or none is needed; that counts as use of it."""
        return self._pairing is None or self._pairing.knows(token)

    def token_of(self, request: web.Request) -> str:
        """The session that a request belongs to; empty for none."""
        return request.cookies.get(self._cookie, "")

    async def pair(self, request: web.Request) -> web.Response:
        """The code as it was typed buys a cookie."""
        try:
            code = await _typed(request)
        except TimeoutError:
            return _refusal(408, "The code did not come.")
        except (UnicodeError, web.RequestPayloadError):
            return _refusal(400, "Send the code as a text in UTF-8.")
        if self._pairing is None:
            return web.Response(status=204)
        try:
            token = self._pairing.pair(code[:MOST_CODE], _sender(request))
        except PairingError as error:
            if not error.wait:
                return _refusal(403, str(error))
            await asyncio.sleep(PAUSE_SECONDS)
            return _refusal(429, str(error), {"Retry-After": str(math.ceil(error.wait))})
        response = web.Response(status=204)
        self._give(response, token)
        return response

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """What every answer says to the browser; to one we know, that it still has its session."""
        response.headers.update(HEADERS)
        if self._pairing is None or hdrs.SET_COOKIE in response.headers:
            return
        if self._pairing.knows(token := self.token_of(request)):
            self._give(response, token)

    def _give(self, response: web.StreamResponse, token: str) -> None:
        response.headers[hdrs.SET_COOKIE] = (
            f"{self._cookie}={token}; Max-Age={COOKIE_SECONDS}; Path=/; HttpOnly; SameSite=Strict"
        )


async def _typed(request: web.Request) -> str:
    """The body. Raises `UnicodeError` for what is no text, `TimeoutError`, HTTP's own errors."""
    if (size := request.content_length or 0) > MOST_BODY_BYTES:
        raise web.HTTPRequestEntityTooLarge(max_size=MOST_BODY_BYTES, actual_size=size)
    if (request.charset or "utf-8").strip("'\"").lower() not in TEXT:
        raise UnicodeError(f"charset {request.charset}")
    async with asyncio.timeout(BODY_SECONDS):
        return (await request.read()).decode()


def _only(request: web.Request, name: str) -> str | None:
    """The value of a header that is there once."""
    values = request.headers.getall(name, [])
    return values[0] if len(values) == 1 else None


def _all(request: web.Request, name: str) -> str:
    return ", ".join(request.headers.getall(name, []))


def _local(request: web.Request) -> str:
    """Our own address on the request's connection."""
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return plain(str(name[0])) if name else ""


def _sender(request: web.Request) -> str:
    """Whom a request comes from; empty for this machine."""
    remote = request.remote or ""
    return network(remote) if remote and not is_loopback(remote) else ""


def _refusal(status: int, text: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=text + "\n", headers=headers)
