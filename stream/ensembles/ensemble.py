"""Ensembles: who plays, as data. Each part has a role, a companion and an instrument.

An ensemble is a TOML file in `stream/ensembles/` or anywhere else: a `title`, and a table
`[parts.ROLE]` for each part. The part `lead` plays what the voice composes.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from stream.config import toml_files
from stream.config.toml_files import known_fields
from stream.music.part import BASS, COMPANION_PARTS, DRUMS, LEAD, ROLES
from stream.util.suggestion import did_you_mean
from stream.util.validate import Check, line, one_of, pattern, shown, whole

SHIPPED: Final = Path(__file__).parent
SOLO: Final = "solo"
"""Name of the ensemble without companions."""
DRUM_CHANNEL: Final = 10
"""Channel of the drums in General MIDI; there it has a program for each kit."""
COMPANIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "harmony": ("harmony",),
    "comping": ("comping", "block-chords", "arpeggio", "boom-chick", "charleston-comping"),
    "bass": (BASS, "walking-bass", "root-bass", "hymnal"),
    "alto": ("hymnal",),
    "tenor": ("hymnal",),
    "drums": (DRUMS,),
}
"""Companions that each role accepts. Those with a hyphen are rules, the others are trained voices.
"""
BY_TEMPO: Final = "tempo"
"""Swing of an ensemble whose eighth notes swing as jazz players' do at the tempo."""
PLAYING: Final = ("tacet", "thin", "full")
"""Reactions of a part to an energy: it plays nothing, less, or all."""


@dataclass(frozen=True, slots=True)
class EnsemblePart:
    """One part: what composes it, and what it sounds like."""

    role: str
    companion: str = ""
    """Companion that composes the part; empty: the lead voice composes it."""
    style: str = ""
    """Style of the companion, such as `jazz` for drums; empty: any."""
    program: int = 1
    """Program, 1-128, of General MIDI; for drums the number of the kit."""
    channel: int = 1
    """MIDI channel, 1-16."""
    low: int = 0
    """Lowest pitch."""
    high: int = 127
    """Highest pitch."""
    level: int = 100
    """Volume, controller 7, 0-127."""
    pan: int = 64
    """Place between left (0) and right (127), controller 10."""
    calm: str = "full"
    """Reaction of the part to low energy: `tacet`, `thin` or `full`."""
    usual: str = "full"
    """Reaction to medium energy."""
    lively: str = "full"
    """Reaction to high energy."""

    def playing(self, energy: float) -> str:
        """Return what the part does at an energy of 0 to 1: `tacet`, `thin` or `full`."""
        if energy < CALM:
            return self.calm
        return self.lively if energy > LIVELY else self.usual


CALM: Final = 0.35
"""Energy below which a part does what `calm` says."""
LIVELY: Final = 0.65
"""Energy above which a part does what `lively` says."""


@dataclass(frozen=True, slots=True)
class Ensemble:
    """An ensemble, made of parts."""

    name: str
    """Name of a shipped ensemble, or the path of a file."""
    title: str
    parts: Mapping[str, EnsemblePart] = field(default_factory=dict)
    """Parts by role, in the order of `ROLES`."""
    digest: str = ""
    """SHA-256 of its file."""
    swing: str = ""
    """`tempo` if the eighth notes of the pitched parts swing by the tempo; empty: straight."""

    @property
    def companions(self) -> tuple[EnsemblePart, ...]:
        """The parts that companions compose, in the order in which they are composed."""
        return tuple(p for role in COMPANION_PARTS if (p := self.parts.get(role)) and p.companion)


def names() -> tuple[str, ...]:
    """Return the names of the ensembles that came with the program."""
    return toml_files.names(SHIPPED)


def load(name: str) -> Ensemble:
    """Return an ensemble by name, or by the path of its file.

    Raises `SettingsError` that names the file, the key, what is accepted and the remedy.
    """
    return toml_files.load("ensemble", SHIPPED, name, _ensemble)


def _ensemble(name: str, content: bytes) -> Ensemble:
    found = known_fields(
        tomllib.loads(content.decode()), {"title": line, "swing": SWING, "parts": _tables}
    )
    if not found.get("title"):
        raise ValueError("title: missing; say in a line who plays")
    parts = found.get("parts", {})
    if LEAD not in parts:
        raise ValueError("parts.lead: missing; give a table [parts.lead] with a program")
    made = {role: _part(role, parts[role]) for role in ROLES if role in parts}
    channels = Counter(part.channel for part in made.values())
    twice = [part for part in made.values() if channels[part.channel] > 1]
    if twice:
        raise ValueError(
            f"parts.{twice[1].role}: channel {twice[1].channel} is that of {twice[0].role} as well;"
            " give each part a channel of its own"
        )
    swing = found.get("swing", "")
    return Ensemble(name, found["title"], made, hashlib.sha256(content).hexdigest(), swing)


def _tables(value: object) -> Mapping[str, Any]:
    return known_fields(value, dict.fromkeys(ROLES, _table))


def _table(value: object) -> Mapping[str, Any]:
    return known_fields(value, CHECKS)


def _part(role: str, values: Mapping[str, Any]) -> EnsemblePart:
    known = COMPANIONS.get(role, ())
    companion = values.get("companion", "")
    if companion and companion not in known:
        raise ValueError(
            f"parts.{role}: companion {shown(companion)} does not compose this part; give"
            f" {' or '.join(known) or 'none'}{did_you_mean(companion, known)}"
        )
    default = DRUM_CHANNEL if role == DRUMS else ROLES.index(role) + 1
    part = EnsemblePart(role, **{"channel": default, **values})
    if part.low > part.high:
        raise ValueError(f"parts.{role}: low {part.low} is above high {part.high}")
    return part


_BYTE = whole(0, 127)
_PLAYING = pattern("|".join(PLAYING))
SWING = one_of((BY_TEMPO,))
CHECKS: Mapping[str, Check] = {
    "companion": line,
    "style": pattern("[a-z][a-z0-9-]{0,39}"),
    "program": whole(1, 128),
    "channel": whole(1, 16),
    "low": _BYTE,
    "high": _BYTE,
    "level": _BYTE,
    "pan": _BYTE,
    "calm": _PLAYING,
    "usual": _PLAYING,
    "lively": _PLAYING,
}
