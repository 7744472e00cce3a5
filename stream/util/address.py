"""Where something is served or heard in a network: `127.0.0.1:9000`, `[::1]:9000`."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import Any, NamedTuple

from stream.errors import SettingsError

FORM = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/\[\]]+)):([0-9]{1,5})")
LAST_PORT = 65535


class Address(NamedTuple):
    """A host, by name or number, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether nobody but this machine reaches it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def resolved(self, family: int = socket.AF_UNSPEC) -> tuple[socket.AddressFamily, Any]:
        """The family and the address as UDP sockets take them; asks the network for a name.

        Raises `OSError` if the name is not known, or has no address of the wished `family`.
        """
        try:
            found = socket.getaddrinfo(self.host, self.port, family, socket.SOCK_DGRAM)
        except UnicodeError as error:
            raise OSError(f"{self.host!r} is no host's name") from error
        known, _, _, _, address = found[0]
        return known, address


def bracketed(host: str) -> str:
    """A host as it stands before a port, and in a URL."""
    return f"[{host}]" if ":" in host else host


def check_network(origin: str) -> None:
    """Raise `SettingsError` where this process may use no network; `origin` names the setting."""
    try:
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()
    except OSError as error:
        raise SettingsError(
            f"{origin}: there is no network here ({error.strerror});"
            " 'perpetuum doctor' shows the command that lets the service use it"
        ) from error


def address_of(text: str, origin: str) -> Address:
    """The address in a text. Raises `SettingsError`; `origin` names the setting there."""
    found = FORM.fullmatch(text)
    if found is None or not 1 <= int(found[3]) <= LAST_PORT:
        raise SettingsError(
            f"{origin} {text[:80]}: no address; write a host and a port of 1 to {LAST_PORT},"
            " as 127.0.0.1:9000"
        )
    return Address(found[1] or found[2], int(found[3]))
