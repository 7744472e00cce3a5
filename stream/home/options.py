"""The settings of this controller, as the player passes them."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from stream.errors import SettingsError
from stream.util.address import Address, address_of
from stream.util.validate import fields, flag, items, line

PORT, TLS_PORT = 1883, 8883
"""Usual ports of brokers, without and with TLS."""
WITH_PORT = re.compile(r".*\]?:[0-9]+")
MOST_COMMANDS = 100
CHECKS = {
    "mqtt": line,
    "mqtt_credentials": line,
    "mqtt_tls": flag,
    "mqtt_ca": line,
    "mdns": flag,
    "name": line,
    "panel": line,
    "osc": line,
    "commands": items(line, 0, MOST_COMMANDS),
}


@dataclass(frozen=True, slots=True)
class HomeOptions:
    """Services of this process, and the name of the player."""

    broker: Address | None
    """The MQTT broker; None without MQTT."""
    credentials: str
    """Path of the file with user name and password; empty without one."""
    tls: bool
    ca: str
    """Path of a certificate; empty: those of the system."""
    mdns: bool
    name: str
    """The name that people see."""
    node: str
    """The name in topics: letters, digits, `_` and `-`. It differs between the players of a house
    if their machines' names or their own names differ."""
    panel: str
    osc: str
    commands: frozenset[str]
    """Names of the commands that the player accepts."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Self:
        """Return the options in the settings of the process. Raises `SettingsError`."""
        try:
            found = fields(settings, CHECKS)
        except ValueError as error:
            raise SettingsError(f"home: {error}") from error
        tls, name = found.get("mqtt_tls", False), found.get("name", "")
        machine = machine_name()
        return cls(
            broker=broker_address(found["mqtt"], tls=tls) if found.get("mqtt") else None,
            credentials=found.get("mqtt_credentials", ""),
            tls=tls,
            ca=found.get("mqtt_ca", ""),
            mdns=found.get("mdns", False),
            name=name or _usual_name(machine),
            node=_slug("_".join(filter(None, ("perpetuum", machine, name)))),
            panel=found.get("panel", ""),
            osc=found.get("osc", ""),
            commands=frozenset(found.get("commands", ())),
        )


def broker_address(text: str, *, tls: bool) -> Address:
    """Return the address of a broker, whose port may be left out. Raises `SettingsError`."""
    port = TLS_PORT if tls else PORT
    return address_of(text if WITH_PORT.fullmatch(text) else f"{text}:{port}", "mqtt")


def machine_name() -> str:
    """Return the name of this machine without a domain."""
    return socket.gethostname().partition(".")[0]


def _usual_name(machine: str) -> str:
    return "Perpetuum" if machine.lower() in {"", "perpetuum"} else f"Perpetuum {machine}"


def _slug(text: str) -> str:
    """Return a text in the characters that Home Assistant accepts in a topic."""
    return re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_")
