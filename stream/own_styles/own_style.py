"""An own style: what a listener's tunes have in common, as a JSON file of a few kilobytes.

It names the voice that it was learned with, and holds what a style of that voice holds: a latent
point, meters, modes, forms, bounds of the rules and outlines; and the weights of the voice's tags
at which it explains the tunes best.
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from stream.errors import VoiceError
from stream.util import regular_file
from stream.util.validate import (
    Check,
    fields,
    items,
    line,
    number,
    parsed,
    pattern,
    shown,
    table,
    text,
    whole,
)
from stream.voices.schema import STYLE, stored_style, style_attributes
from stream.voices.spec import VoiceSpec
from stream.voices.style_spec import StyleSpec

FORMAT: Final = 1
SUFFIX: Final = ".style.json"
MOST_BYTES: Final = 2**18
NAME: Final = r"[a-z0-9][a-z0-9_-]{0,39}"
"""Names of own styles."""
LEANS: Final = 16
"""Steps of a leaning in a nat: it is stored as whole numbers from -127 to 127."""


@dataclass(frozen=True, slots=True)
class OwnStyle(StyleSpec):
    """A style that was learned from a listener's tunes."""

    tags: Mapping[str, float] = field(default_factory=dict)
    """Weights of the voice's tags, such as `style:folk`, without those that a tune's plan sets."""
    leaning: str = ""
    """Nats that are added to the logits of pitch class and duration, by what comes before
    (`stream.compose.melody.leaning`), as signed bytes in base64; empty for none."""
    digest: str = ""
    """SHA-256 digest of what it plays, which is the same under another name."""


@dataclass(frozen=True, slots=True)
class Learned:
    """An own style with the facts about its making."""

    name: str
    voice: str
    """Name of the voice that it was learned with."""
    sha256: str
    """SHA-256 digest of that voice's file."""
    parent: str
    """The style of the voice that was nearest."""
    tunes: int
    """Number of tunes that it was learned from."""
    bits: tuple[float, float]
    """Bits a note of held-out tunes under the nearest style, and under this one."""
    style: OwnStyle


def _base64(value: object) -> str:
    found = text(value)
    try:
        base64.b64decode(found, validate=True)
    except ValueError as error:
        raise ValueError("not base64") from error
    return found


def _finite(value: object) -> float:
    found = number(-1e3, 1e3)(value)
    if not math.isfinite(found):
        raise ValueError(f"{shown(value)}: not a finite number")
    return float(found)


OWN: Final[Mapping[str, Check]] = {
    **STYLE,
    "mean": items(_finite, 0, 4096),
    "spread": items(_finite, 0, 4096),
    "formulas": _base64,
    "points": pattern(""),
    "outlines": items(line, 1, 400),
    "tags": table(line, _finite, 256),
    "leaning": _base64,
}
DOCUMENT: Final[Mapping[str, Check]] = {
    "format": whole(FORMAT, FORMAT),
    "name": pattern(NAME),
    "voice": line,
    "sha256": pattern("[0-9a-f]{64}"),
    "parent": line,
    "tunes": whole(1, 100_000),
    "bits": items(number(0, 1e4), 2, 2),
    "style": partial(fields, checks=OWN),
}
NEEDED: Final = ("mean", "spread", "metres", "modes", "bounds", "forms", "outlines", "tags")


def to_bytes(learned: Learned) -> bytes:
    """Return the content of the file of an own style."""
    document = {
        "format": FORMAT,
        **{name: getattr(learned, name) for name in ("name", "voice", "sha256", "parent")},
        "tunes": learned.tunes,
        "bits": learned.bits,
        "style": _style_document(learned.style),
    }
    return (json.dumps(document, indent=0, ensure_ascii=False) + "\n").encode()


def _checked(content: bytes) -> dict[str, Any]:
    """Return the checked document. Raises `KeyError`, `TypeError` or `ValueError`."""
    found = fields(parsed(content), DOCUMENT)
    missing = [*DOCUMENT.keys() - found.keys(), *set(NEEDED) - found.get("style", {}).keys()]
    if missing:
        raise KeyError(min(missing))
    if len(found["style"]["mean"]) != len(found["style"]["spread"]):
        raise ValueError("mean and spread differ in length")
    return found


def _digest(learned: Learned) -> str:
    """Return the digest of what a style plays, whatever its name and the facts about it."""
    played = [learned.voice, learned.sha256, _style_document(learned.style)]
    return hashlib.sha256(json.dumps(played, sort_keys=True).encode()).hexdigest()


def _style_document(style: OwnStyle) -> dict[str, Any]:
    names = (*StyleSpec.__slots__, "tags", "leaning")
    return stored_style({name: getattr(style, name) for name in names})


def from_bytes(content: bytes, origin: str) -> Learned:
    """Return the own style in a file's content; `origin` names it in the message.

    Raises `VoiceError` for anything that is not a whole own style.
    """
    try:
        found = _checked(content)
    except (KeyError, RecursionError, TypeError, ValueError) as error:
        raise VoiceError(
            f"style file {origin}: not a style that this program can read ({error}); copy it again,"
            " or learn it again with 'perpetuum style learn'"
        ) from error
    style = style_attributes(found["style"])
    facts = {name: found[name] for name in ("name", "voice", "sha256", "parent", "tunes")}
    learned = Learned(**facts, bits=tuple(found["bits"]), style=OwnStyle(**style))
    own = dataclasses.replace(learned.style, digest=_digest(learned))
    return dataclasses.replace(learned, style=own)


def read(path: Path) -> Learned:
    """Return the own style in a file. Raises `VoiceError`."""
    try:
        content = regular_file.read(path, MOST_BYTES)
    except OSError as error:
        raise VoiceError(
            f"style file {path}: cannot be read ({error.strerror}); give a file that"
            " 'perpetuum style learn' has written"
        ) from error
    return from_bytes(content, str(path))


def misfit(learned: Learned, spec: VoiceSpec, sha256: str) -> str:
    """Return why an own style cannot be played by a voice, and what to do; empty if it can."""
    if learned.voice != spec.name:
        return f"learned with voice {learned.voice}; play it with --voice {learned.voice}"
    unknown = sorted(learned.style.tags.keys() - set(spec.tags))
    if learned.sha256 != sha256 or len(learned.style.mean) != spec.latent or unknown:
        return (
            f"learned with another version of voice {spec.name}; learn it again with"
            f" 'perpetuum style learn {learned.name} FILES'"
        )
    return ""


def document_of(learned: Learned) -> dict[str, Any]:
    """Return the facts that lists show."""
    style = learned.style
    return {
        "name": learned.name,
        "voice": learned.voice,
        "parent": learned.parent,
        "tunes": learned.tunes,
        "bits": list(learned.bits),
        "meters": dict(style.meters),
        "modes": dict(style.modes),
        "outlines": len(style.outlines),
        "ensemble": style.ensemble,
        "sha256": style.digest,
    }
