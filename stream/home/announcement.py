"""Announcements in the local network by multicast DNS: the panel, and OSC.

Service types are those of RFC 6763 and https://www.iana.org/assignments/service-names-port-numbers.
"""

from __future__ import annotations

import asyncio
import ipaddress

import ifaddr
from zeroconf import BadTypeInNameException, Error, InterfaceChoice
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from stream.control.async_socket import AsyncPlayerSocket
from stream.home.options import HomeOptions, machine_name
from stream.panel.address import ANYWHERE, panel_address
from stream.util.address import Address, address_of

HTTP, OSC = "_http._tcp.local.", "_osc._udp.local."
RETRY_SECONDS = 60.0
"""Pause after a network that is not there."""
REFRESH_SECONDS = 30.0
"""Interval at which the addresses of this machine are looked up; a router may give others."""
LONGEST_NAME = 50
"""Bytes of a name; with ` (2)` a label has at most 63."""


async def announce(player: AsyncPlayerSocket, options: HomeOptions) -> None:
    """Announce what other machines reach until cancelled; then withdraw it."""
    told = ""
    while True:
        try:
            await _announce(options)
        except (OSError, Error, BadTypeInNameException) as error:
            text = f"mdns: {error or type(error).__name__}; the player tries again, and plays on"
            if text != told:
                player.send({"notice": text})
            told = text
        await asyncio.sleep(RETRY_SECONDS)


async def _announce(options: HomeOptions) -> None:
    """Announce until the addresses change. Raises `OSError` without a network."""
    addresses = own_addresses()
    found = services(options, addresses)
    zeroconf = AsyncZeroconf(interfaces=InterfaceChoice.All)
    try:
        for each in found:
            await zeroconf.async_register_service(each, allow_name_change=True)
        await _changed(addresses)
    finally:
        # This withdraws the services.
        await zeroconf.async_unregister_all_services()
        await zeroconf.async_close()


async def _changed(addresses: list[str]) -> None:
    """Wait until this machine has other addresses."""
    while own_addresses() == addresses:  # noqa: ASYNC110 (nobody tells of a change)
        await asyncio.sleep(REFRESH_SECONDS)


def services(options: HomeOptions, addresses: list[str]) -> list[AsyncServiceInfo]:
    """Return the services that machines at other addresses than loopback reach."""
    served = []
    if options.panel:
        served.append((HTTP, panel_address(options.panel), {"path": "/"}))
    if options.osc:
        served.append((OSC, address_of(options.osc, "osc"), {"txtvers": "1"}))
    return [
        AsyncServiceInfo(
            kind,
            f"{_label(options.name)}.{kind}",
            port=address.port,
            properties={**facts, "program": "perpetuum"},
            server=f"{machine_name()}.local.",
            parsed_addresses=_reached(address, addresses),
        )
        for kind, address, facts in served
        if not address.loopback
    ]


def own_addresses() -> list[str]:
    """Return the addresses of this machine that others may reach."""
    found = []
    for adapter in ifaddr.get_adapters():
        for each in adapter.ips:
            text = each.ip if isinstance(each.ip, str) else each.ip[0]
            number = ipaddress.ip_address(text)
            if not number.is_loopback and not (number.version == 6 and number.is_link_local):
                found.append(text)
    return sorted(found)


def _reached(address: Address, addresses: list[str]) -> list[str]:
    """Return the addresses at which a service is reached."""
    if address.host == ANYWHERE[0]:
        return [text for text in addresses if ":" not in text]
    if address.host in ANYWHERE:
        return addresses
    try:
        return [str(ipaddress.ip_address(address.host))]
    except ValueError:
        return addresses


def _label(name: str) -> str:
    """Return a name as one label: dots would separate labels, and a label has few bytes."""
    text = name.replace(".", " ").encode()[:LONGEST_NAME].decode(errors="ignore")
    return text.strip() or "Perpetuum"
