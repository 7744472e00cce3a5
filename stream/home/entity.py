"""One entity as Home Assistant knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Command = dict[str, Any]

ICONS = {
    "bpm": "mdi:metronome",
    "energy": "mdi:lightning-bolt",
    "ensemble": "mdi:account-group",
    "keep": "mdi:heart-plus",
    "next": "mdi:skip-next",
    "now_playing": "mdi:music",
    "play": "mdi:play",
    "play_pause": "mdi:play-pause",
    "radio": "mdi:radio",
    "sleep": "mdi:sleep",
    "sleep_timer": "mdi:timer-outline",
    "style": "mdi:palette",
    "day": "mdi:calendar-clock",
    "voice": "mdi:brain",
    "volume": "mdi:volume-high",
}
LONGEST_STATE = 255
"""Characters of the state of an entity that Home Assistant accepts."""
NONE = "None"
"""State that Home Assistant shows as unknown."""
ON, OFF, PRESS = "ON", "OFF", "PRESS"


class Entity(NamedTuple):
    """One entity."""

    key: str
    """Name in topics."""
    platform: str
    """Platform of Home Assistant, such as `number`."""
    config: Mapping[str, Any]
    """Options of its discovery besides topics and names."""
    name: str
    state: str | None = None
    """Payload of the state topic; None without a state."""
    command: Callable[[str], Command] | None = None
    """Function that returns the command for a payload; it raises `SettingsError`. None for a
    sensor."""
    attributes: Mapping[str, Any] | None = None


def icon(key: str) -> dict[str, str]:
    """Return the option with the icon of an entity, if it has one."""
    return {"icon": ICONS[key]} if key in ICONS else {}
