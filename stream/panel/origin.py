"""Checks that a request is meant for this panel and comes from its page.

A foreign page may make its own name resolve to the panel's address (DNS rebinding); its requests
carry that name as Host. It may also open a WebSocket to the panel; its Origin differs then.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass

from stream.panel.address import ANYWHERE
from stream.util.address import Address, bracketed

HTTP_PORT = 80
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Origins:
    """Hosts under which the panel is served."""

    address: Address

    def serves(self, host: str | None, local: str) -> bool:
        """Return whether a Host header names the panel, on a connection to the address `local`."""
        return host is not None and host.lower() in self._hosts(local)

    def allows(self, origin: str | None, host: str | None) -> bool:
        """Return whether a page at `origin` may send requests to `host`, which is served."""
        return (
            origin is not None and host is not None and origin.lower() == f"http://{host}".lower()
        )

    def _hosts(self, local: str) -> set[str]:
        names = {self.address.host.lower()}
        if self.address.loopback:
            names |= {*LOOPBACK}
        elif self.address.host in ANYWHERE:
            machine = socket.gethostname().lower()
            names = {local.lower(), machine, f"{machine}.local"}
            if local in LOOPBACK:
                names |= {*LOOPBACK}
        hosts = {f"{bracketed(name)}:{self.address.port}" for name in names}
        return hosts | ({*map(bracketed, names)} if self.address.port == HTTP_PORT else set())
