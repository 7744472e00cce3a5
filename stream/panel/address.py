"""Where the panel is served."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass

from stream.checked import shown
from stream.errors import SettingsError

HOST, PORT = "127.0.0.1", 8765
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 (asked for, never taken by itself)
ELSEWHERE = ("192.0.2.1", 9)
"""An address kept for documentation: the route there tells which of our addresses others reach."""


@dataclass(frozen=True, slots=True)
class Address:
    """A name or number of this machine, and a port."""

    host: str = HOST
    port: int = PORT

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def url(self) -> str:
        """What to type into a browser."""
        host = _reached() if self.host in ANYWHERE else self.host
        return f"http://{bracketed(host)}:{self.port}"

    def __str__(self) -> str:
        return f"{bracketed(self.host)}:{self.port}"


def parse(text: str) -> Address:
    """From `HOST:PORT`, `HOST`, `:PORT` or `[::1]:PORT`; what is left out is loopback's.

    Raises `SettingsError` for anything else.
    """
    host, colon, port = text.rpartition(":")
    if not colon or text.endswith("]"):
        host, port = text, str(PORT)
    host = host.removeprefix("[").removesuffix("]") or HOST
    fits = port.isascii() and port.isdecimal() and len(port) <= 5 and 1 <= int(port) <= 65535
    if not fits or not host.isprintable() or any(c in host for c in " /@"):
        raise SettingsError(f"panel {shown(text)}: is no HOST:PORT; write 127.0.0.1:{PORT}")
    return Address(host, int(port))


def bracketed(host: str) -> str:
    """A host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host


def _reached() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(ELSEWHERE)
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])
