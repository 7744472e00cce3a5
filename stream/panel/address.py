"""Where the panel is served, and how others reach it."""

from __future__ import annotations

import socket

from stream.address import Address, address_of

USUAL = "127.0.0.1:8765"
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 (asked for, never taken by itself)
ELSEWHERE = ("192.0.2.1", 9)
"""An address kept for documentation: the route there tells which of our addresses others reach."""
ELSEWHERE_6 = ("2001:db8::1", 9)
"""The same in IPv6."""


def panel_address(text: str) -> Address:
    """The address in a setting; an empty one is the usual. Raises `SettingsError`."""
    return address_of(text or USUAL, "panel")


def url(address: Address) -> str:
    """What to type into a browser."""
    if address.host in ANYWHERE:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        address = address._replace(host=_reached(family))
    return f"http://{address}"


def _reached(family: socket.AddressFamily) -> str:
    elsewhere = ELSEWHERE if family == socket.AF_INET else ELSEWHERE_6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(elsewhere)
        except OSError:
            # The network may come later: so it is called in one without a name server.
            return f"{socket.gethostname().removesuffix('.local')}.local"
        return str(probe.getsockname()[0])
