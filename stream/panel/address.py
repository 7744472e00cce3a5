"""Where the panel is served, and how others reach it."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import Any

from stream.errors import AddressError
from stream.util.address import Address, address_of

USUAL = "127.0.0.1:8765"
ANYWHERE = ("0.0.0.0", "::")  # noqa: S104 (asked for, never taken by itself)
ELSEWHERE, ELSEWHERE_6 = ("192.0.2.1", 9), ("2001:db8::1", 9)
"""Addresses kept for documentation: the route there tells which of ours others reach."""
NOT_HERE = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
BACKLOG = 128
NETWORK_BITS = 64
"""Of an IPv6 address: who has one has all that begin like it."""


def panel_address(text: str) -> Address:
    """The address in a setting; an empty one is the usual. Raises `SettingsError`."""
    address = address_of(text or USUAL, "panel")
    try:
        return address._replace(host=str(ipaddress.ip_address(address.host)))
    except ValueError:
        return address._replace(host=address.host.lower())


def url(address: Address) -> str:
    """What to type into a browser."""
    if address.host in ANYWHERE:
        name = f"{socket.gethostname().removesuffix('.local')}.local"
        # The network may come later: so it is called in one without a name server.
        address = address._replace(host=_reached(socket.AF_INET) or name)
    return f"http://{address}"


def served(address: Address) -> str:
    """The same, and where there are two families of addresses a word about both."""
    if address.host != "::":
        return url(address)
    other = _reached(socket.AF_INET6)
    also = f"; IPv6: http://{address._replace(host=other)}" if other else " and IPv6"
    return f"{url(address)} (IPv4{also})"


def listening(address: Address) -> list[socket.socket]:
    """Sockets that listen at all that the address means. Raises `AddressError`."""
    found: list[socket.socket] = []
    missing: OSError | None = None
    try:
        for family, _, _, _, place in _places(address):
            try:
                found.append(_listening(family, place, only_6=address.host != "::"))
            except OSError as error:
                # Of a name with two addresses one is enough, where this machine has only that.
                if error.errno not in NOT_HERE:
                    raise
                missing = error
        if missing is not None and not found:
            raise missing
    except OSError as error:
        for each in found:
            each.close()
        raise AddressError(f"panel: {address}: {_reason(error, address)}") from error
    return found


def plain(host: str) -> str:
    """An address of a socket without what a socket for both families adds, and without a zone."""
    return host.partition("%")[0].removeprefix("::ffff:")


def network(host: str) -> str:
    """Whom an address of a socket belongs to."""
    found = ipaddress.ip_address(plain(host))
    if found.version == 4 or found.is_loopback:
        return str(found)
    return str(ipaddress.ip_network((found, NETWORK_BITS), strict=False))


def is_loopback(host: str) -> bool:
    """Whether the address of a socket is this machine's own."""
    return ipaddress.ip_address(plain(host)).is_loopback


def _places(address: Address) -> list[Any]:
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(found))  # a file of hosts may name one twice
    except UnicodeError as error:
        raise OSError(errno.EINVAL, "it is no host's name") from error


def _listening(family: int, place: Any, *, only_6: bool) -> socket.socket:
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only_6)
        found.bind(place)
        found.listen(BACKLOG)
        found.setblocking(False)
    except OSError:
        found.close()
        raise
    return found


def _reason(error: OSError, address: Address) -> str:
    """Why the address can not be had, and what to do."""
    next_port = address._replace(port=address.port % 65535 + 1)
    if error.errno == errno.EADDRINUSE:
        remedy = f"if another program is there use another port, as --panel {next_port}"
    elif error.errno == errno.EACCES:
        remedy = f"ports below 1024 are the system's, use another one, as --panel {USUAL}"
    elif address.host == "::":
        remedy = f"without IPv6 use --panel 0.0.0.0:{address.port}"
    else:
        remedy = f"name an address of this machine, or all of them, as --panel [::]:{address.port}"
    return f"{error.strerror or error}; it is tried again; {remedy}"


def _reached(family: socket.AddressFamily) -> str:
    """Our address that others reach; empty where there is none now."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect(ELSEWHERE if family == socket.AF_INET else ELSEWHERE_6)
            return str(probe.getsockname()[0])
    except OSError:
        return ""
