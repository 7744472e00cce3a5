"""What the description inside a voice may hold, and how much of it: the JSON of a `VoiceSpec`."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from functools import partial
from typing import Any

from stream.checked import (
    Check,
    fields,
    items,
    line,
    number,
    pattern,
    real,
    shares,
    shown,
    table,
    text,
    whole,
)

FRAMES = (0, 3, 4, 6, 8, 12, 24)


def metre(value: object) -> str:
    """`8x24`: units in a bar, and ticks in a unit, which is made of twelfths."""
    name: str = pattern(r"[1-9]\d?x[1-9]\d{1,2}")(value)
    if int(name.partition("x")[2]) % 12:
        raise ValueError(f"{shown(name)}: a unit has a multiple of 12 ticks")
    return name


def frame(value: object) -> int:
    """Ticks in a frame: a part of a quarter, of at least three; 0 where the kind says it."""
    if value not in FRAMES or type(value) is not int:
        raise ValueError(f"{shown(value)}: a frame has one of {', '.join(map(str, FRAMES))} ticks")
    return value


def fact(value: object) -> float | str:
    """A number or a text, for information."""
    return line(value) if isinstance(value, str) else real(value)


STYLE: Mapping[str, Check] = {
    "mean": items(number(), 0, 4096),
    "spread": items(number(), 0, 4096),
    "metres": shares(metre, 256),
    "modes": shares(line, 256),
    "bounds": table(line, items(number(), 2, 2), 256),
    "forms": shares(pattern("[A-Za-z]{1,64}"), 4096),
    "returning": number(),
    "last_note": number(),
    "points": text,
    "longest_copy": whole(0, 2**31 - 1),
}
STATE: Mapping[str, Check] = {
    "name": line,
    "shape": items(whole(1, 65536), 0, 1),
    "dtype": pattern("float32|int64"),
}
VOICE: Mapping[str, Check] = {
    "name": line,
    "kind": line,
    "heads": items(whole(1, 4096), 1, 16),
    "states": items(partial(fields, checks=STATE), 0, 16),
    "latent": whole(0, 4096),
    "tags": items(line, 0, 4096),
    "styles": table(line, partial(fields, checks=STYLE), 256),
    "credits": items(line, 0, 1024),
    "quality": table(line, number(), 256),
    "source": line,
    "model": table(line, fact, 256),
    "noise": whole(0, 65536),
    "ticks": frame,
    "format_version": whole(0, 2**31 - 1),
}


def described(document: Mapping[str, Any]) -> dict[str, Any]:
    """The description, made fit for the fields of a `VoiceSpec` and its parts.

    Raises `ValueError` for what is not valid, `KeyError` for what is missing.
    """
    found = fields(document, VOICE)
    for name, style in found["styles"].items():
        if not len(style["mean"]) == len(style["spread"]) == found["latent"]:
            raise ValueError(f"style {name}: its centre has not {found['latent']} dimensions")
        if not _holds(style.get("points", ""), found["latent"]):
            raise ValueError(f"style {name}: its points have not {found['latent']} dimensions")
    return found


def _holds(points: str, width: int) -> bool:
    """Whether they are none, or of `width` numbers each."""
    size = len(base64.b64decode(points, validate=True))
    return not points or (size > 0 and width > 0 and size % (2 * width) == 0)
