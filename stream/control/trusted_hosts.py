"""Trusted hosts: this machine, and the addresses, networks and names of a list."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass

from stream.errors import SettingsError
from stream.util.validate import shown

NAME = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")

Number = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Hosts:
    """A set of hosts; `host in hosts` compares names with the list, and never resolves them."""

    networks: tuple[Network, ...] = ()
    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, texts: Iterable[str], origin: str) -> Hosts:
        """Return the hosts in a list. Raises `SettingsError`; its message begins with `origin`."""
        networks, names = [], set()
        for text in texts:
            try:
                networks.append(ipaddress.ip_network(text, strict=False))
            except ValueError as error:
                if not NAME.fullmatch(text):
                    raise SettingsError(
                        f"{origin} {shown(text)}: not a host; write an address, a network or a"
                        " name, such as 192.168.1.20, 192.168.1.0/24 or studio.local"
                    ) from error
                names.add(text.lower())
        return cls(tuple(networks), frozenset(names))

    def __contains__(self, host: str) -> bool:
        number = parse_address(host)
        if number is None:
            return host == "localhost" or host.lower() in self.names
        return number.is_loopback or any(number in network for network in self.networks)


def parse_address(host: str) -> Number | None:
    """Return the address in a text; None for a name."""
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = number.ipv4_mapped if isinstance(number, ipaddress.IPv6Address) else None
    return mapped or number
