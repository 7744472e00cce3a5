"""`python -m stream.home '{"mqtt": "homeassistant.local", "mdns": true}'`, run by the player."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import ssl
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from stream.control import async_controller
from stream.control.async_socket import AsyncPlayerSocket
from stream.control.socket import settings_argument
from stream.errors import SettingsError
from stream.home.credentials import read_credentials
from stream.home.options import HomeOptions
from stream.panel.address import panel_address, url
from stream.util.address import check_network
from stream.util.installation import install_extra

NICENESS = 5
"""Lower priority of this process, since notes come first."""
GOODBYE_SECONDS = 0.9
"""Longest time for withdrawing what was announced; soon after, the player ends this process."""


def main() -> int:
    """Serve the house until the player ends."""
    os.nice(NICENESS)
    # The libraries log each lost connection; the listener is told once.
    logging.disable(logging.CRITICAL)
    return async_controller.run(_serve)


async def _serve(player: AsyncPlayerSocket) -> None:
    """Serve until the player ends. Raises `SettingsError`."""
    options = HomeOptions.of(settings_argument())
    check_network(f"mqtt {options.broker}" if options.broker else "mdns")
    bridge = _bridge(player, options) if options.broker else None
    running = [*([bridge.run()] if bridge else []), *_announcing(player, options)]
    tasks = [asyncio.create_task(each) for each in running]
    try:
        async for event in player.events():
            if bridge:
                bridge.handle(event)
    finally:
        for each in tasks:
            each.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=GOODBYE_SECONDS)


def _bridge(player: AsyncPlayerSocket, options: HomeOptions) -> Any:
    try:
        from stream.home.bridge import Bridge
    except ImportError as error:
        raise _missing("mqtt", error) from error
    address = panel_address(options.panel) if options.panel else None
    reached = url(address) if address and not address.loopback else ""
    credentials = read_credentials(options.credentials)
    return Bridge(player, options, credentials, _tls(options), reached)


def _tls(options: HomeOptions) -> ssl.SSLContext | None:
    """Return the checks of the broker's certificate. Raises `SettingsError`."""
    if not options.tls:
        return None
    try:
        return ssl.create_default_context(cafile=options.ca or None)
    except (OSError, ValueError) as error:
        path = Path(options.ca)
        raise SettingsError(f"mqtt_ca {path}: cannot be used as a certificate: {error}") from error


def _announcing(player: AsyncPlayerSocket, options: HomeOptions) -> list[Coroutine[Any, Any, None]]:
    """Return the announcements to run. Raises `SettingsError`."""
    if not options.mdns:
        return []
    try:
        from stream.home.announcement import announce
    except ImportError as error:
        raise _missing("mdns", error) from error
    return [announce(player, options)]


def _missing(setting: str, error: ImportError) -> SettingsError:
    return SettingsError(f"{setting}: {error.name} is not installed; run: {install_extra('home')}")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        sys.exit(main())
