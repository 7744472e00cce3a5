"""`python -m stream.osc`: the hand that hears Open Sound Control."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
import sys
from typing import Any

from stream.control.socket import PlayerSocket, own_settings
from stream.control.trusted_hosts import Hosts
from stream.errors import MessageError, SettingsError
from stream.osc.server import Server
from stream.util.address import Address, address_of, check_network
from stream.util.validate import fields, items, line

BUFFER_BYTES = 1 << 20
"""What the system keeps of a flood while we are busy."""
MOST_HOSTS = 1000
TEMPORARY = 1
"""Exit status of a hand that is to be started again."""
OPEN = "OSC has no authentication; whoever reaches this address plays along"


def main() -> int:
    """Hear until the player ends."""
    # The terminal's Ctrl-C is for the player, who ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The library writes a line about everything that is malformed: there may be thousands.
    logging.disable(logging.CRITICAL)
    hand = PlayerSocket()
    try:
        address, reply, hosts = _settings()
        receiver = _bound(address)
        always = _resolved(reply, receiver.family)[1] if reply else None
    except (SettingsError, MessageError) as error:
        hand.send({"notice": str(error)})
        return error.exit_code
    except OSError as error:
        # The network may come, and who has the port may go: to be tried again.
        hand.send({"notice": f"osc {error}"})
        return TEMPORARY
    if not address.loopback:
        hand.send({"notice": f"osc {address}: {OPEN}"})
    with receiver, contextlib.closing(hand):
        Server(hand, receiver, hosts, always).run()
    return 0


def _settings() -> tuple[Address, Address | None, Hosts]:
    """Where to hear, who is told everything, if anybody is, and who is trusted."""
    own = own_settings()
    try:
        found = fields(own, {"address": line, "reply": line, "to": items(line, 0, MOST_HOSTS)})
    except ValueError as error:
        raise SettingsError(f"osc: {error}") from error
    address = address_of(found.get("address", ""), "osc")
    reply = address_of(found["reply"], "osc reply") if found.get("reply") else None
    return address, reply, Hosts.of(found.get("to", ()), "osc_to")


def _resolved(address: Address, family: int = socket.AF_UNSPEC) -> tuple[int, Any]:
    """Raises `OSError` that names the address."""
    try:
        return address.resolved(family)
    except OSError as error:
        raise OSError(f"{address}: {error.strerror or error}") from error


def _bound(address: Address) -> socket.socket:
    """Raises `SettingsError` without library or network, `OSError` that names the address."""
    try:
        import pythonosc  # noqa: F401 (said here, not when the first message comes)
    except ImportError as error:
        raise SettingsError(
            "osc: python-osc is not installed; run: pip install 'perpetuum[osc]'"
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
        raise OSError(
            f"{address}: can not be heard ({error.strerror}); name another port"
        ) from error
    return receiver


if __name__ == "__main__":
    sys.exit(main())
