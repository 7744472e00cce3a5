"""Whether a request was meant for this panel, by a page of this panel.

A page elsewhere may have its own name resolve to our address (DNS rebinding): its requests carry
that name as Host. It may also open a WebSocket to us from where it is: then its Origin is another.
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
    """The hosts that are served."""

    address: Address

    def serves(self, host: str | None, local: str) -> bool:
        """Whether a Host header names us, on a connection to our address `local`."""
        return host is not None and host.lower() in self._hosts(local)

    def allows(self, origin: str | None, host: str | None) -> bool:
        """Whether a page at `origin` may give orders to `host`, which is served."""
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
