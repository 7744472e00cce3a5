"""`python -m stream.panel '{"address": "127.0.0.1:8765", "open": false}'`: the player does it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import webbrowser

from stream.control.async_socket import AsyncPlayerSocket
from stream.control.socket import Event, own_settings
from stream.errors import SettingsError, StreamError
from stream.panel.address import panel_address, served, url
from stream.util.address import Address

NICENESS = 5
"""Notes come first."""


def main() -> int:
    """Serve the panel until the player ends."""
    # Ctrl-C in a terminal is the player's: it ends, and then we do.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICENESS)
    return asyncio.run(_panel())


async def _panel() -> int:
    hand = await AsyncPlayerSocket.open()
    try:
        settings = own_settings()
        await _serve(hand, panel_address(str(settings.get("address", ""))), settings)
    except StreamError as error:
        hand.send({"notice": str(error)})
        await hand.drain()
        return error.exit_code
    finally:
        hand.close()
    return 0


async def _serve(hand: AsyncPlayerSocket, address: Address, settings: Event) -> None:
    """Raises `SettingsError` where the panel can not be served."""
    try:
        from stream.panel.access import AccessCheck
        from stream.panel.log import set_up
        from stream.panel.relay import Relay
        from stream.panel.server import Server
    except ImportError as error:
        raise SettingsError(
            f"panel: {error.name} is missing; 'pip install perpetuum[panel]'"
        ) from error
    set_up()
    relay, guard = Relay(hand), AccessCheck(address)
    server = Server(relay, address, guard)
    await server.start()
    # Who reads the code can pair: it is for the owner alone, not for those who hear notices.
    kind = "secret" if guard.code else "notice"
    hand.send({kind: f"panel: {served(address)}{guard.notice}"})
    opening = None
    if settings.get("open") is True and _graphical():
        opening = asyncio.create_task(asyncio.to_thread(webbrowser.open, url(address)))
    await relay.run()
    if opening is not None:
        opening.cancel()
    await server.stop()


def _graphical() -> bool:
    """Whether there is a screen on which a browser can appear."""
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
