"""Addresses at which the panel listens and can be reached."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Any

from stream.errors import AddressError
from stream.util.address import Address, address_of

USUAL = "127.0.0.1:8765"
"""Default address."""
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 (only used if the setting asks for it)
ELSEWHERE, ELSEWHERE_6 = ("192.0.2.1", 9), ("2001:db8::1", 9)
"""Addresses reserved for documentation; their route shows which local address others reach."""
UNAVAILABLE = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
BACKLOG = 128
"""Most connections that wait to be accepted."""
NETWORK_BITS = 64
"""Bits of an IPv6 address that identify its owner, who has all addresses of the network."""


def panel_address(text: str) -> Address:
    """Parse the address in a setting; empty: the default. Raises `SettingsError`."""
    address = address_of(text or USUAL, "panel")
    try:
        return address._replace(host=str(ipaddress.ip_address(address.host)))
    except ValueError:
        return address._replace(host=address.host.lower())


def url(address: Address) -> str:
    """Return the URL to open in a browser."""
    if address.host in ANYWHERE:
        name = f"{socket.gethostname().removesuffix('.local')}.local"
        # The network may come later; the name with .local works without a name server.
        address = address._replace(host=_reached(socket.AF_INET) or name)
    return f"http://{address}"


def served(address: Address) -> str:
    """Return the URL, and for both address families a remark about each."""
    if address.host != "::":
        return url(address)
    other = _reached(socket.AF_INET6)
    also = f"; IPv6: http://{address._replace(host=other)}" if other else " and IPv6"
    return f"{url(address)} (IPv4{also})"


def listening(address: Address, flag: str = "panel") -> list[socket.socket]:
    """Return listening sockets for all that an address resolves to.

    Raises `AddressError`, whose remedy names the flag.
    """
    found: list[socket.socket] = []
    missing: OSError | None = None
    try:
        for family, _, _, _, resolved in _resolved(address):
            try:
                found.append(_listening(family, resolved, only_6=address.host != "::"))
            except OSError as error:
                # One of two addresses of a name is enough if this machine has only that one.
                if error.errno not in UNAVAILABLE:
                    raise
                missing = error
        if missing is not None and not found:
            raise missing
    except OSError as error:
        for each in found:
            each.close()
        raise AddressError(f"{flag}: {address}: {_reason(error, address, flag)}") from error
    return found


def plain(host: str) -> str:
    """Return a socket's address without its zone and without the prefix of IPv4 in IPv6."""
    return host.partition("%")[0].removeprefix("::ffff:")


def network(host: str) -> str:
    """Return the network of a client: its IPv4 address, or the /64 network of its IPv6 address."""
    found = ipaddress.ip_address(plain(host))
    if found.version == 4 or found.is_loopback:
        return str(found)
    return str(ipaddress.ip_network((found, NETWORK_BITS), strict=False))


def is_loopback(host: str) -> bool:
    """Return whether a socket's address is a loopback address."""
    return ipaddress.ip_address(plain(host)).is_loopback


def _resolved(address: Address) -> list[Any]:
    """Resolve an address. Raises `OSError`."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(found))  # /etc/hosts may contain an address twice
    except UnicodeError as error:
        raise OSError(errno.EINVAL, "invalid host name") from error


def _listening(family: int, resolved: Any, *, only_6: bool) -> socket.socket:
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only_6)
        found.bind(resolved)
        found.listen(BACKLOG)
        found.setblocking(False)
    except OSError:
        found.close()
        raise
    return found


def _reason(error: OSError, address: Address, flag: str) -> str:
    """Return why the address cannot be used, and what to do."""
    next_port = address._replace(port=address.port % 65535 + 1)
    if error.errno == errno.EADDRINUSE:
        remedy = (
            f"if another program uses the port, choose another one, such as --{flag} {next_port}"
        )
    elif error.errno == errno.EACCES:
        remedy = f"ports below 1024 are reserved, use another one, such as --{flag} {USUAL}"
    elif address.host == "::":
        remedy = f"without IPv6 use --{flag} 0.0.0.0:{address.port}"
    else:
        remedy = (
            f"give an address of this machine, or all of them with --{flag} [::]:{address.port}"
        )
    return f"{error.strerror or error}; the player tries again; {remedy}"


def _reached(family: socket.AddressFamily) -> str:
    """Return the local address that other machines reach, or an empty text."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(ELSEWHERE if family == socket.AF_INET else ELSEWHERE_6)
            return str(probe.getsockname()[0])
    except OSError:
        return ""
