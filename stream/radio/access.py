"""Access to the radio: by the token in the address, by pairing with the panel, or from here."""

from __future__ import annotations

from aiohttp import hdrs, web

from stream.pairs.sessions import Sessions
from stream.panel.address import plain
from stream.panel.connections import Handler
from stream.panel.origin import Origins
from stream.radio.access_token import is_token
from stream.radio.links import TOKEN
from stream.util.address import Address

COOKIES = "perpetuum-"
"""Beginning of the names of the panels' cookies, which the port follows."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class RadioAccess:
    """The check before each request: the right token, or what the panel asks for.

    Without the token the radio must be called by its own name, because a foreign page may make its
    name resolve to this machine (DNS rebinding). Then it must listen on this machine alone, or the
    browser must be paired with a panel of this machine; its cookie is for all ports of a host.
    """

    def __init__(self, address: Address, sessions: Sessions | None = None) -> None:
        """Admit the browsers in `sessions`, which are those of the panels."""
        self._sessions = sessions or Sessions()
        self.token = ""
        """The token; empty: none is valid."""
        self._address = address
        self._origins = Origins(address)

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Handle a request, or refuse it."""
        if is_token(given_token(request), self.token):
            return await handler(request)
        hosts = request.headers.getall(hdrs.HOST, [])
        if len(hosts) != 1 or not self._origins.serves(hosts[0], _local(request)):
            return _refusal(
                403, "This radio does not serve this name; use the address that the player shows."
            )
        if not (self._address.loopback or self._is_paired(request)):
            return _refusal(
                401, f"Add ?{TOKEN}=… to the address; the player shows it where it was started."
            )
        return await handler(request)

    def _is_paired(self, request: web.Request) -> bool:
        tokens = [value for name, value in request.cookies.items() if name.startswith(COOKIES)]
        return any(map(self._sessions.has, tokens))


async def add_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Add the headers that every answer has."""
    response.headers.update(HEADERS)


def given_token(request: web.Request) -> str:
    """Return the token in the address of a request, or an empty text."""
    return request.query.get(TOKEN, "")


def _local(request: web.Request) -> str:
    name = request.transport.get_extra_info("sockname") if request.transport else None
    return plain(str(name[0])) if name else ""


def _refusal(status: int, text: str) -> web.Response:
    return web.Response(status=status, text=f"{text}\n")
