"""`python -m stream.radio '{"address": "127.0.0.1:8766", "soundfont": "…"}'`, run by the player."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import time
from pathlib import Path

from stream.control import async_controller
from stream.control.async_socket import AsyncPlayerSocket
from stream.control.socket import settings_argument
from stream.errors import SettingsError
from stream.pairs.folder import pairs_folder
from stream.pairs.sessions import Sessions
from stream.pairs.store import PairStore
from stream.radio.broadcast import Broadcast
from stream.radio.encoder import Encoder
from stream.radio.instrument import Instrument
from stream.radio.links import radio_address
from stream.radio.messages import event_in
from stream.radio.renderer import Renderer
from stream.radio.station import DELAY_SECONDS, Station
from stream.util.installation import install_extra
from stream.util.realtime import NICENESS


def main() -> int:
    """Serve the radio until the player ends."""
    os.nice(NICENESS)
    logging.basicConfig(format="radio: %(message)s")
    return async_controller.run(_serve)


async def _serve(player: AsyncPlayerSocket) -> None:
    """Serve until the player ends. Raises `SettingsError` if a package is missing."""
    settings = settings_argument()
    try:
        from stream.radio.access import RadioAccess
        from stream.radio.server import RadioServer
    except ImportError as error:
        raise SettingsError(
            f"radio: {error.name} is not installed; run: {install_extra('radio')}"
        ) from error
    address = radio_address(str(settings.get("address", "")), "radio")
    folder = pairs_folder(os.environ)
    sessions = Sessions(PairStore(folder) if folder else None)
    broadcast, access = Broadcast(), RadioAccess(address, sessions)
    server = RadioServer(broadcast, address, access)
    await server.start()
    encoder, instrument = Encoder(), Instrument(Path(str(settings.get("soundfont", ""))))
    renderer = Renderer(instrument, time.monotonic() - DELAY_SECONDS)
    player.send({"ready": True})
    making = asyncio.create_task(Station(renderer, encoder, broadcast).run())
    async for line in player.events():
        if "token" in line:
            access.token = str(line["token"])
        elif event := event_in(line):
            renderer.add(event)
    making.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await making
    await server.stop()


if __name__ == "__main__":
    sys.exit(main())
