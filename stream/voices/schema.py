"""What the description inside a voice may hold, and how much of it: the JSON of a `VoiceSpec`."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from stream.util.validate import (
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


def meter(value: object) -> str:
    """`8x24`: units in a bar, and ticks in a unit, which is made of twelfths."""
    name: str = pattern(r"[1-9]\d?x[1-9]\d{1,2}")(value)
    if int(name.partition("x")[2]) % 12:
        raise ValueError(f"{shown(name)}: a unit has a multiple of 12 ticks")
    return name


def frame_ticks(value: object) -> int:
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
    "metres": shares(meter, 256),
    "modes": shares(line, 256),
    "bounds": table(line, items(number(), 2, 2), 256),
    "forms": shares(pattern("[A-Za-z]{1,64}"), 4096),
    "returning": number(),
    "last_note": number(),
    "points": text,
    "longest_copy": whole(0, 2**31 - 1),
    "seeds": items(whole(0, 65535), 0, 65536),
}
MUSIC = ("mean", "spread", "metres", "modes", "bounds")
"""What is told of every style but a style of sound ..."""
SOUND_STYLE: Mapping[str, Check] = {
    **STYLE,
    "metres": table(meter, number(), 0),
    "modes": table(line, number(), 0),
    "seeds": items(whole(0, 65535), 1, 65536),
}
"""... of which nothing is told but its seeds."""
STATE: Mapping[str, Check] = {
    "name": line,
    "shape": items(whole(1, 65536), 0, 1),
    "dtype": pattern("float32|int64"),
}
SOUND: Mapping[str, Check] = {
    "rate": whole(4000, 192_000),
    "hop": whole(1, 65536),
    "length": whole(2, 65536),
    "synthesis": pattern("spectrum|samples"),
    "tune": number(1, 86_400),
    "quiet": number(0, 1),
    "loud": number(0, 1),
}


def optional(check: Check) -> Check:
    """What passes the check, or nothing."""
    return lambda value: None if value is None else check(value)


AUDIO = "audio"
"""The kind of voice that makes sound, not notes."""
RATE_STEP = 25
"""Hz; from any multiple to those of sound cards a few thousand phases of a filter lead."""
MOST_MEMORY = 65536
"""Numbers that the states of sound and a block may have: they travel with every request."""
VOICE: Mapping[str, Check] = {
    "name": line,
    "kind": line,
    "heads": items(whole(1, 4096), 0, 16),
    "states": items(partial(fields, checks=STATE), 0, 16),
    "latent": whole(0, 4096),
    "tags": items(line, 0, 4096),
    "styles": table(line, partial(fields, checks=STYLE), 256),
    "credits": items(line, 0, 1024),
    "quality": table(line, number(), 256),
    "source": line,
    "model": table(line, fact, 256),
    "noise": whole(0, 65536),
    "audio": optional(partial(fields, checks=SOUND)),
    "ticks": frame_ticks,
    "format_version": whole(0, 2**31 - 1),
}


def checked_description(document: Mapping[str, Any]) -> dict[str, Any]:
    """The description, made fit for the fields of a `VoiceSpec` and its parts.

    Raises `ValueError` for what is not valid, `KeyError` for what is missing.
    """
    sounds = document.get("kind") == AUDIO
    style = partial(fields, checks=SOUND_STYLE if sounds else STYLE)
    found = fields(document, {**VOICE, "styles": table(line, style, 256)})
    (_check_sound if sounds else _check_music)(found)
    return found


def _check_music(found: Mapping[str, Any]) -> None:
    if not found["heads"] or found.get("audio") is not None:
        raise ValueError("a voice of notes has heads, and tells nothing of audio")
    for name, style in found["styles"].items():
        for each in (each for each in MUSIC if each not in style):
            raise KeyError(each)
        if not len(style["mean"]) == len(style["spread"]) == found["latent"]:
            raise ValueError(f"style {name}: its centre has not {found['latent']} dimensions")
        if not _holds(style.get("points", ""), found["latent"]):
            raise ValueError(f"style {name}: its points have not {found['latent']} dimensions")


def _check_sound(found: Mapping[str, Any]) -> None:
    audio = found.get("audio")
    if audio is None or found["heads"] or found["latent"] or not found["styles"]:
        raise ValueError("a voice of kind audio has `audio` and styles, no heads and no latent")
    rate, hop, length = (audio[name] for name in ("rate", "hop", "length"))
    if rate % RATE_STEP:
        raise ValueError(f"audio: {rate} Hz is no multiple of {RATE_STEP}")
    most = 2 * hop if audio["synthesis"] == "spectrum" else length
    if not (hop <= rate and hop <= length <= most):
        raise ValueError(f"audio: blocks of {length} samples, {hop} apart, at {rate} Hz do not fit")
    if not audio.get("quiet", 0) < audio.get("loud", 1):
        raise ValueError("audio: quiet is not below loud")
    if sum(math.prod(state["shape"]) for state in found["states"]) + length > MOST_MEMORY:
        raise ValueError(f"audio: its states and a block have more than {MOST_MEMORY} numbers")
    if any("seeds" not in style for style in found["styles"].values()):
        raise KeyError("seeds")


def _holds(points: str, width: int) -> bool:
    """Whether they are none, or of `width` numbers each."""
    size = len(base64.b64decode(points, validate=True))
    return not points or (size > 0 and width > 0 and size % (2 * width) == 0)
