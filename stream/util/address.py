"""Network addresses of a host and a port, such as `127.0.0.1:9000` and `[::1]:9000`."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Any, NamedTuple

from stream.errors import SettingsError

FORM = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/\[\]]+)):([0-9]{1,5})")
LAST_PORT = 65535


class Address(NamedTuple):
    """A host, by name or by number, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def loopback(self) -> bool:
        """True if only this machine reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def resolved(self, family: int = socket.AF_UNSPEC) -> tuple[socket.AddressFamily, Any]:
        """Return the family and the address for a UDP socket, looking a name up in the network.

        Raises `OSError` if the name is unknown, or has no address of the requested `family`.
        """
        try:
            found = socket.getaddrinfo(self.host, self.port, family, socket.SOCK_DGRAM)
        except UnicodeError as error:
            raise OSError(f"{self.host!r} is not a valid host name") from error
        known, _, _, _, address = found[0]
        return known, address


def bracketed(host: str) -> str:
    """Return a host as it is written before a port and in a URL."""
    return f"[{host}]" if ":" in host else host


def check_network(origin: str) -> None:
    """Raise `SettingsError` if this process may not use the network; `origin` names the setting."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    except OSError as error:
        raise SettingsError(
            f"{origin}: the network is not available ({error.strerror});"
            " 'perpetuum doctor' shows the command that lets the service use it"
        ) from error


def address_of(text: str, origin: str) -> Address:
    """Parse an address. Raises `SettingsError`, in which `origin` names the setting."""
    found = FORM.fullmatch(text)
    if found is None or not 1 <= int(found[3]) <= LAST_PORT:
        raise SettingsError(
            f"{origin} {text[:80]}: not an address; write a host and a port from 1 to"
            f" {LAST_PORT}, such as 127.0.0.1:9000"
        )
    return Address(found[1] or found[2], int(found[3]))
