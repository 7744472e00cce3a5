"""What stands before every request: it has to be for us, from our page, by somebody we know."""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from stream.address import Address
from stream.panel.origin import Origins
from stream.panel.pages import PAIRING
from stream.panel.pairing import IDLE_SECONDS, Pairing, PairingError, new_code

COOKIE = "perpetuum"
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

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Guard:
    """The checks, and the way to be let in. `clock` gives monotonic seconds."""

    def __init__(self, address: Address, clock: Callable[[], float] = time.monotonic) -> None:
        self.code = "" if address.loopback else new_code()
        """To be typed once by each browser; empty: none is needed."""
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
        host, local = request.headers.get(hdrs.HOST), _local(request)
        if not self._origins.serves(host, local):
            return _refusal(403, "This panel has another name: use the address it was told with.")
        orders = request.method == hdrs.METH_POST or hdrs.UPGRADE in request.headers
        if orders and not self._origins.allows(request.headers.get(hdrs.ORIGIN), host):
            return _refusal(403, "This is for the panel's own page.")
        if request.path in PAIRING or self.admits(token_of(request)):
            return None
        if request.path == "/":
            return web.Response(status=303, headers={"Location": "/pair"})
        return _refusal(401, "Type the pairing code first, at /pair.")

    def admits(self, token: str) -> bool:
        """Whether it is the token of a session, or none is needed; that counts as use of it."""
        return self._pairing is None or self._pairing.knows(token)

    async def pair(self, request: web.Request) -> web.Response:
        """The code as it was typed buys a cookie."""
        if self._pairing is None:
            return web.Response(status=204)
        code = await request.text()
        try:
            token = self._pairing.pair(code[:MOST_CODE], request.remote or "")
        except PairingError as error:
            if not error.wait:
                return _refusal(403, str(error))
            return _refusal(429, str(error), {"Retry-After": str(math.ceil(error.wait))})
        response = web.Response(status=204)
        response.set_cookie(
            COOKIE, token, max_age=int(IDLE_SECONDS), httponly=True, samesite="Strict"
        )
        return response


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """What every answer says to the browser."""
    del request
    response.headers.update(HEADERS)


def token_of(request: web.Request) -> str:
    """The session that a request belongs to; empty for none."""
    return request.cookies.get(COOKIE, "")


def _local(request: web.Request) -> str:
    """Our own address on the request's connection."""
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return str(name[0]).removeprefix("::ffff:") if name else ""


def _refusal(status: int, text: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=text + "\n", headers=headers)
