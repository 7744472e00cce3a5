"""`python -m stream.osc`: the controller process for Open Sound Control."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
from typing import Any

from stream.control.socket import PlayerSocket, settings_argument
from stream.control.trusted_hosts import Hosts
from stream.errors import MessageError, SettingsError
from stream.osc.server import Server
from stream.util.address import Address, address_of, check_network
from stream.util.installation import install_extra
from stream.util.validate import fields, items, line

BUFFER_BYTES = 1 << 20
"""Receive buffer, for a flood of datagrams that arrives while others are handled."""
MOST_HOSTS = 1000
"""Most entries of `osc_to`."""
TEMPORARY = 1
"""Exit status of a controller process that is to be restarted."""
OPEN = "OSC has no authentication; anyone who reaches this address can control the player"


def main() -> int:
    """Receive OSC until the player ends."""
    # Ctrl-C in a terminal ends the player, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The library logs a line about each malformed message: there may be thousands.
    logging.disable(logging.CRITICAL)
    player = PlayerSocket()
    try:
        address, reply, hosts = _settings()
        receiver = _bound(address)
        permanent = _resolved(reply, receiver.family)[1] if reply else None
    except (SettingsError, MessageError) as error:
        player.send({"notice": str(error)})
        return error.exit_code
    except OSError as error:
        # The network may appear, or another program may free the port: the player tries again.
        player.send({"notice": f"osc {error}"})
        return TEMPORARY
    if not address.loopback:
        player.send({"notice": f"osc {address}: {OPEN}"})
    with receiver, contextlib.closing(player):
        Server(player, receiver, hosts, permanent).run()
    return 0


def _settings() -> tuple[Address, Address | None, Hosts]:
    """Return the address to receive on, the permanent listener, if any, and the trusted hosts."""
    own = settings_argument()
    try:
        found = fields(own, {"address": line, "reply": line, "to": items(line, 0, MOST_HOSTS)})
    except ValueError as error:
        raise SettingsError(f"osc: {error}") from error
    address = address_of(found.get("address", ""), "osc")
    reply = address_of(found["reply"], "osc reply") if found.get("reply") else None
    return address, reply, Hosts.of(found.get("to", ()), "osc_to")


def _resolved(address: Address, family: int = socket.AF_UNSPEC) -> tuple[int, Any]:
    """Resolve an address. Raises `OSError` that names the address."""
    try:
        return address.resolved(family)
    except OSError as error:
        raise OSError(f"{address}: {error.strerror or error}") from error


def _bound(address: Address) -> socket.socket:
    """Return a socket bound to the address.

    Raises `SettingsError` without library or network, `OSError` that names the address.
    """
    try:
        import pythonosc  # noqa: F401 (reported here instead of at the first message)
    except ImportError as error:
        raise SettingsError(
            f"osc: python-osc is not installed; run: {install_extra('osc')}"
        ) from error
    check_network(f"osc {address}")
    family, where = _resolved(address)
    receiver = socket.socket(family, socket.SOCK_DGRAM)
    with contextlib.suppress(OSError):
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
    try:
        receiver.bind(where)
    except OSError as error:
        receiver.close()
        raise OSError(f"{address}: cannot be bound ({error.strerror}); use another port") from error
    return receiver


if __name__ == "__main__":
    sys.exit(main())
