"""Profiles of synthesizers: what they can play, and the numbers of their controllers.

A profile is a TOML file in `stream/profiles/` or anywhere else. All keys except `name` are
optional, and a key that is left out does not restrict the music.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stream.config import toml_files
from stream.config.toml_files import known_fields
from stream.util.validate import Check, fields, items, line, number, pattern, table, whole

SHIPPED = Path(__file__).parent
LAST_CONTROLLER = 119
"""Highest number of a controller; the numbers above are channel mode messages."""


@dataclass(frozen=True, slots=True)
class Velocity:
    """A curve for velocities from `low` to `high`, straight if `gamma` is 1."""

    gamma: float = 1.0
    """Exponent: below 1, soft notes become louder, above 1 softer."""
    low: int = 1
    """Velocity for 1."""
    high: int = 127
    """Velocity for 127."""

    def __call__(self, velocity: int) -> int:
        """Return the velocity (1-127) to play instead of this one (1-127)."""
        share: float = ((velocity - 1) / 126) ** self.gamma
        return round(self.low + (self.high - self.low) * share)


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank of sounds, selected before the program. A value of None is not sent."""

    msb: int | None = None
    """Value of controller 0."""
    lsb: int | None = None
    """Value of controller 32."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A synthesizer. The defaults play the music unchanged."""

    name: str = ""
    maker: str = ""
    source: tuple[str, ...] = ()
    """Sources of the facts."""
    channel: int = 1
    """MIDI channel, 1-16."""
    parts: tuple[int, ...] = ()
    """Channels (1-16) of the parts, from the soprano down, on a multitimbral synthesizer.

    Empty: all parts are on `channel`.
    """
    low: int = 0
    """Lowest pitch that it plays."""
    high: int = 127
    """Highest pitch that it plays."""
    polyphony: int | None = None
    """Number of notes that may sound together; None: not limited here."""
    mono: str = ""
    """Treatment of notes that meet, with a polyphony of 1.

    `legato` joins them, `gap` separates them; empty: they stay as they are.
    """
    gap: float = 0.0
    """Milliseconds between separated notes."""
    velocity: Velocity = Velocity()
    bank: Bank = Bank()
    program: int | None = None
    """Program, 1-128."""
    cc: Mapping[str, int] = field(default_factory=dict)
    """Numbers of controllers by name."""

    def channel_of(self, part: int) -> int:
        """Return the channel, 0-15, of a part, counted from 0."""
        return (self.parts[part] if part < len(self.parts) else self.channel) - 1

    @property
    def channels(self) -> tuple[int, ...]:
        """Return all of its channels, 0-15, each once."""
        return tuple(sorted({channel - 1 for channel in self.parts or (self.channel,)}))


_NAME = pattern(r"[a-z][a-z0-9_]{0,39}")
_BYTE = whole(0, 127)
_VELOCITY = whole(1, 127)


def _velocity(value: object) -> Velocity:
    if isinstance(value, dict) and "fixed" in value:
        level = fields(value, {"fixed": _VELOCITY})["fixed"]
        return Velocity(low=level, high=level)
    checks: dict[str, Check] = {"gamma": number(0.1, 10), "low": _VELOCITY, "high": _VELOCITY}
    return Velocity(**known_fields(value, checks))


def _bank(value: object) -> Bank:
    return Bank(**known_fields(value, {"msb": _BYTE, "lsb": _BYTE}))


CHECKS: Mapping[str, Check] = {
    "name": line,
    "maker": line,
    "source": items(line, 0, 20),
    "channel": whole(1, 16),
    "low": _BYTE,
    "high": _BYTE,
    "parts": items(whole(1, 16), 0, 4),
    "polyphony": whole(1, 1024),
    "mono": pattern("legato|gap"),
    "gap": number(0, 1000),
    "velocity": _velocity,
    "bank": _bank,
    "program": whole(1, 128),
    "cc": table(_NAME, whole(0, LAST_CONTROLLER), 200),
}


def names() -> tuple[str, ...]:
    """Return the names of the profiles that came with the program."""
    return toml_files.names(SHIPPED)


def load(name: str) -> Profile:
    """Load a profile by name, or by the path of its file.

    Raises `SettingsError` that names the file, the key, what is accepted and the remedy.
    """
    return toml_files.load("profile", SHIPPED, name, _read)


def to_document(profile: Profile) -> dict[str, Any]:
    """Return the profile as a JSON document, without unknown facts."""
    lists = {"source": list(profile.source), "parts": list(profile.parts) or None}
    found = dataclasses.asdict(profile) | lists
    found["bank"] = {name: value for name, value in found["bank"].items() if value is not None}
    return {name: value for name, value in found.items() if value not in (None, "")}


def from_document(document: Mapping[str, Any]) -> Profile:
    """Return the profile in a JSON document of `to_document`. Raises `ValueError`."""
    return _profile(dict(document))


def _read(_name: str, content: bytes) -> Profile:
    profile = _profile(tomllib.loads(content.decode()))
    if not profile.name:
        raise ValueError("name: missing; give the synthesizer's name")
    return profile


def _profile(document: dict[str, Any]) -> Profile:
    profile = Profile(**known_fields(document, CHECKS))
    if profile.low > profile.high:
        raise ValueError(f"low: {profile.low} is above high {profile.high}; give low <= high")
    if profile.mono and profile.polyphony != 1:
        raise ValueError(f"mono: '{profile.mono}' is for one voice; give polyphony = 1 as well")
    return profile
