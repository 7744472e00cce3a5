"""`python -m stream.panel '{"address": "127.0.0.1:8765", "open": false}'`, run by the player."""

from __future__ import annotations

import asyncio
import os
import sys
import webbrowser

from stream.control import async_controller
from stream.control.async_socket import AsyncPlayerSocket
from stream.control.socket import settings_argument
from stream.errors import SettingsError
from stream.pairs.folder import pairs_folder
from stream.pairs.own_code import own_code
from stream.pairs.qr_code import matrix_of, rows
from stream.pairs.sessions import Sessions
from stream.pairs.store import PairStore
from stream.panel.address import panel_address, served, url
from stream.util.address import Address
from stream.util.installation import install_extra

NICENESS = 5
"""Lower priority of the panel, since notes come first."""


def main() -> int:
    """Serve the panel until the player ends."""
    os.nice(NICENESS)
    return async_controller.run(_serve)


async def _serve(player: AsyncPlayerSocket) -> None:
    """Serve until the player ends. Raises `SettingsError` if a package is missing."""
    settings = settings_argument()
    address = panel_address(str(settings.get("address", "")))
    try:
        from stream.panel.access import AccessCheck
        from stream.panel.log import set_up
        from stream.panel.relay import Relay
        from stream.panel.server import Server
    except ImportError as error:
        raise SettingsError(
            f"panel: {error.name} is not installed; run: {install_extra('panel')}"
        ) from error
    set_up()
    sessions = _sessions(player, address)
    code = own_code(str(settings.get("pairing_code", "")), os.environ)
    relay, access = Relay(player), AccessCheck(address, sessions=sessions, own_code=code)
    server = Server(relay, address, access)
    await server.start()
    # Anyone who reads the code can pair, so only the owner sees it, not all receivers of notices.
    kind = "secret" if access.code else "notice"
    player.send({kind: f"panel: {served(address)}{access.notice}"})
    for row in _rows(access.first_code(), address):
        player.send({"secret": row})
    opening = None
    if settings.get("open") is True and _graphical():
        opening = asyncio.create_task(asyncio.to_thread(webbrowser.open, url(address)))
    await relay.run()
    if opening is not None:
        opening.cancel()
    await server.stop()


def _sessions(player: AsyncPlayerSocket, address: Address) -> Sessions | None:
    """Return the sessions of browsers that were paired earlier; None if no pairing is needed."""
    if address.loopback:
        return None
    folder = pairs_folder(os.environ)
    sessions = Sessions(
        PairStore(folder) if folder else None, lambda text: player.send({"notice": text})
    )
    sessions.open(url(address))
    return sessions


def _rows(code: str, address: Address) -> list[str]:
    """Return the QR code for a screen or a journal; none without a code, segno, or Unicode."""
    matrix = matrix_of(f"{url(address)}/pair#{code}") if code else None
    is_unicode = "utf" in (sys.stderr.encoding or "").lower()
    return rows(matrix) if matrix and is_unicode else []


def _graphical() -> bool:
    """Return whether there is a screen on which a browser can open."""
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
