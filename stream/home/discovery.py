"""Topics, and the message by which Home Assistant finds the player: one device with its entities.

The format is that of a device discovery payload, which Home Assistant accepts since 2024.11:
https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from stream.home.entity import PRESS, Entity

PREFIX = "homeassistant"
"""Default prefix of discovery topics."""
BIRTH_TOPIC, BIRTH = f"{PREFIX}/status", "online"
"""Message of Home Assistant when it has started."""
# https://www.home-assistant.io/integrations/mqtt/#birth-and-last-will-messages
ONLINE, OFFLINE = "online", "offline"
SOURCE = "https://github.com/perpetuum-music/perpetuum"


class Topics(NamedTuple):
    """Topics of the player that is called `node`."""

    node: str

    @property
    def base(self) -> str:
        return f"perpetuum/{self.node}"

    @property
    def discovery(self) -> str:
        return f"{PREFIX}/device/{self.node}/config"

    @property
    def availability(self) -> str:
        return f"{self.base}/availability"

    @property
    def refused(self) -> str:
        """Topic of the reasons for which commands are refused."""
        return f"{self.base}/refused"

    @property
    def commands(self) -> str:
        """Topic filter of all commands."""
        return f"{self.base}/+/set"

    def command(self, key: str) -> str:
        return f"{self.base}/{key}/set"

    def state(self, key: str) -> str:
        return f"{self.base}/{key}/state"

    def attributes(self, key: str) -> str:
        return f"{self.base}/{key}/attributes"

    def key(self, topic: str) -> str:
        """Return the key of the entity whose command topic this is; empty for another topic."""
        key = topic.removeprefix(f"{self.base}/").removesuffix("/set")
        return key if topic == self.command(key) else ""


class Device(NamedTuple):
    """Facts that Home Assistant shows about the device."""

    name: str
    version: str
    url: str
    """Address of the panel; empty without one that other machines reach."""


def discovery(topics: Topics, device: Device, entities: Iterable[Entity]) -> dict[str, Any]:
    """Return the payload of the discovery topic."""
    about = {
        "identifiers": [topics.node],
        "name": device.name,
        "manufacturer": "Perpetuum",
        "model": "Music that never stops",
        "sw_version": device.version,
        **({"configuration_url": device.url} if device.url else {}),
    }
    return {
        "device": about,
        "origin": {"name": "perpetuum", "sw_version": device.version, "support_url": SOURCE},
        "components": {each.key: _component(topics, each) for each in entities},
        "availability_topic": topics.availability,
        "payload_available": ONLINE,
        "payload_not_available": OFFLINE,
    }


def _component(topics: Topics, entity: Entity) -> dict[str, Any]:
    found = {
        "platform": entity.platform,
        "name": entity.name,
        "unique_id": f"{topics.node}_{entity.key}",
        **entity.config,
    }
    if entity.state is not None:
        found["state_topic"] = topics.state(entity.key)
    if entity.command is not None:
        found["command_topic"] = topics.command(entity.key)
    if entity.platform == "button":
        found["payload_press"] = PRESS
    if entity.attributes is not None:
        found["json_attributes_topic"] = topics.attributes(entity.key)
    return found
