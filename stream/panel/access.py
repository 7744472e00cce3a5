"""Checks before every request: it is for this panel, from its page, by a paired browser."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable

from aiohttp import hdrs, web

from stream.pairs.device import device_name
from stream.pairs.qr_code import drawing, matrix_of
from stream.pairs.sessions import INVITATION_SECONDS, Sessions
from stream.panel.address import is_loopback, network, plain, url
from stream.panel.connections import Handler
from stream.panel.origin import LOOPBACK, Origins
from stream.panel.pairing import Pairing, PairingError, new_code
from stream.panel.static_files import PAIRING
from stream.radio.relay import has_token
from stream.util.address import Address

COOKIE_SECONDS = 400 * 24 * 3600
"""Lifetime of the cookie, which each page renews; browsers allow no longer one."""
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " media-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none';"
        " form-action 'none';"
        " frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
MOST_CODE = 64
"""Most letters of a typed code that are compared."""
BODY_SECONDS = 5.0
"""Time limit for receiving a body."""
TEXT = ("utf-8", "utf8", "us-ascii", "ascii")
"""Accepted character sets of a body."""
PLAIN = {hdrs.CONTENT_ENCODING: ("", "identity"), hdrs.TRANSFER_ENCODING: ("", "chunked")}
"""Accepted codings of a body; compressed bodies are refused."""
MOST_BODY_BYTES = 4096
PAUSE_SECONDS = 0.25
"""Delay of the answer to a client that has guessed too often."""


class AccessCheck:
    """Access checks and pairing. `clock` returns monotonic seconds."""

    def __init__(
        self,
        address: Address,
        clock: Callable[[], float] = time.monotonic,
        sessions: Sessions | None = None,
        own_code: str = "",
    ) -> None:
        """Keep the paired browsers in `sessions`, and accept `own_code`, if any."""
        self.code = "" if address.loopback else own_code or new_code()
        """Code to be typed once in each browser; empty: no pairing is needed."""
        self._is_own = bool(own_code)
        self._address = address
        self._cookie = f"perpetuum-{address.port}"
        """Name of the cookie, one per port, since browsers send cookies to all ports of a host."""
        self._origins = Origins(address)
        self._pairing = Pairing(self.code, clock, sessions) if self.code else None

    @property
    def notice(self) -> str:
        """Text with the pairing code, which follows the address in a notice."""
        if self._is_own and self.code:
            return " pairing code: your own"
        return f" pairing code {self.code}" if self.code else ""

    def first_code(self) -> str:
        """Return a code for the QR code that is shown at the start; empty: none is needed.

        A code of one's own choice is not shown to those who read the journal.
        """
        if self._pairing is None:
            return ""
        return self._pairing.sessions.invite() if self._is_own else self.code

    async def pairs(self, _: web.Request) -> web.Response:
        """Answer whether browsers have to be paired."""
        return web.json_response({"pairing": self._pairing is not None})

    async def invite(self, request: web.Request) -> web.Response:
        """Answer a paired browser with a code for one more, once, and with its QR code."""
        if self._pairing is None:
            return _refusal(404, "This panel needs no pairing.")
        code = self._pairing.sessions.invite()
        host = _only(request, hdrs.HOST) or ""
        name = host.rpartition(":")[0].strip("[]") if ":" in host else host
        base = url(self._address) if name in LOOPBACK else f"http://{host}"
        matrix = matrix_of(f"{base}/pair#{code}")
        return web.json_response(
            {
                "url": f"{base}/pair",
                "code": code,
                "minutes": INVITATION_SECONDS / 60,
                "qr": drawing(matrix)._asdict() if matrix else None,
            },
            headers={hdrs.CACHE_CONTROL: "no-store"},
        )

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Handle a request, or refuse it if a check fails."""
        # A speaker cannot pair, and may know the machine under another name.
        refused = None if has_token(request) else self._refused(request)
        return await handler(request) if refused is None else refused

    def _refused(self, request: web.Request) -> web.Response | None:
        """Return the refusal of a request, or None if it passes every check."""
        host, local = _only(request, hdrs.HOST), _local(request)
        if not self._origins.serves(host, local):
            return _refusal(
                403,
                "This panel does not serve this name; use the address that the player shows.",
            )
        changes = request.method == hdrs.METH_POST or hdrs.UPGRADE in request.headers
        if changes and not self._origins.allows(_only(request, hdrs.ORIGIN), host):
            return _refusal(403, "Only the page of this panel may send this request.")
        if any(_all(request, name).lower() not in known for name, known in PLAIN.items()):
            return _refusal(415, "Send the body without compression.")
        if request.path in PAIRING or self.admits(self.token_of(request)):
            return None
        if request.path == "/":
            return web.Response(status=303, headers={"Location": "/pair"})
        return _refusal(401, "Pair this browser first, at /pair.")

    def admits(self, token: str) -> bool:
        """Return whether the token has a session, or no session is needed; this counts as a use."""
        return self._pairing is None or self._pairing.has_session(token)

    def token_of(self, request: web.Request) -> str:
        """Return the token of the request's session, or an empty text."""
        return request.cookies.get(self._cookie, "")

    async def pair(self, request: web.Request) -> web.Response:
        """Answer a typed pairing code with the cookie of a new session, or a refusal."""
        try:
            code = await _typed(request)
        except TimeoutError:
            return _refusal(408, "The code did not arrive in time.")
        except (UnicodeError, web.RequestPayloadError):
            return _refusal(400, "Send the code as UTF-8 text.")
        if self._pairing is None:
            return web.Response(status=204)
        name = device_name(request.headers.get(hdrs.USER_AGENT, ""))
        try:
            token = self._pairing.pair(code[:MOST_CODE], _sender(request), name)
        except PairingError as error:
            if not error.wait:
                return _refusal(403, str(error))
            await asyncio.sleep(PAUSE_SECONDS)
            return _refusal(429, str(error), {"Retry-After": str(math.ceil(error.wait))})
        response = web.Response(status=204)
        self._set_cookie(response, token)
        return response

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """Add the security headers, and renew the cookie of a paired browser."""
        response.headers.update(HEADERS)
        if self._pairing is None or hdrs.SET_COOKIE in response.headers:
            return
        if self._pairing.has_session(token := self.token_of(request)):
            self._set_cookie(response, token)

    def _set_cookie(self, response: web.StreamResponse, token: str) -> None:
        response.headers[hdrs.SET_COOKIE] = (
            f"{self._cookie}={token}; Max-Age={COOKIE_SECONDS}; Path=/; HttpOnly; SameSite=Strict"
        )


async def _typed(request: web.Request) -> str:
    """Return the body. Raises `UnicodeError` if it is not text, `TimeoutError`, and HTTP errors."""
    if (size := request.content_length or 0) > MOST_BODY_BYTES:
        raise web.HTTPRequestEntityTooLarge(max_size=MOST_BODY_BYTES, actual_size=size)
    if (request.charset or "utf-8").strip("'\"").lower() not in TEXT:
        raise UnicodeError(f"charset {request.charset}")
    async with asyncio.timeout(BODY_SECONDS):
        return (await request.read()).decode()


def _only(request: web.Request, name: str) -> str | None:
    """Return the value of a header that occurs exactly once."""
    values = request.headers.getall(name, [])
    return values[0] if len(values) == 1 else None


def _all(request: web.Request, name: str) -> str:
    """Return all values of a header, separated by commas."""
    return ", ".join(request.headers.getall(name, []))


def _local(request: web.Request) -> str:
    """Return the server's address on the connection of a request."""
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return plain(str(name[0])) if name else ""


def _sender(request: web.Request) -> str:
    """Return the network of a request's client; empty for this machine."""
    remote = request.remote or ""
    return network(remote) if remote and not is_loopback(remote) else ""


def _refusal(status: int, text: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=status, text=text + "\n", headers=headers)
