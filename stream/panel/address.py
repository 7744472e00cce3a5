"""Where the panel is served, and how others reach it."""

from __future__ import annotations

import socket

from stream.address import Address, address_of

USUAL = "127.0.0.1:8765"
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 (asked for, never taken by itself)
ELSEWHERE = ("192.0.2.1", 9)
"""An address kept for documentation: the route there tells which of our addresses others reach."""


def panel_address(text: str) -> Address:
    """The address in a setting; an empty one is the usual. Raises `SettingsError`."""
    return address_of(text or USUAL, "panel")


def url(address: Address) -> str:
    """What to type into a browser."""
    if address.host in ANYWHERE:
        address = address._replace(host=_reached())
    return f"http://{address}"


def _reached() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
        except OSError:
            # The network may come later: so it is called in one without a name server.
            return f"{socket.gethostname().removesuffix('.local')}.local"
        return str(probe.getsockname()[0])
