"""The schema of the description inside a voice, the JSON of a `VoiceSpec`."""

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
    """Return a meter such as `8x24`: units in a bar, and ticks in a unit, a multiple of 12."""
    name: str = pattern(r"[1-9]\d?x[1-9]\d{1,2}")(value)
    if int(name.partition("x")[2]) % 12:
        raise ValueError(f"{shown(name)}: ticks in a unit must be a multiple of 12")
    return name


def frame_ticks(value: object) -> int:
    """Return the ticks in a frame, at least three in a quarter note; 0 for the kind's default."""
    if value not in FRAMES or type(value) is not int:
        raise ValueError(
            f"{shown(value)}: ticks in a frame must be one of {', '.join(map(str, FRAMES))}"
        )
    return value


def fact(value: object) -> float | str:
    """Return a number or a text, for information."""
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
    "formulas": text,
    "outlines": items(line, 0, 4096),
    "longest_copy": whole(0, 2**31 - 1),
    "ensemble": pattern("[a-z][a-z0-9-]{0,39}|"),
    "seeds": items(whole(0, 65535), 0, 65536),
}
MUSIC = ("mean", "spread", "metres", "modes", "bounds")
"""Keys that every style has, except a style of sound."""
SOUND_STYLE: Mapping[str, Check] = {
    **STYLE,
    "metres": table(meter, number(), 0),
    "modes": table(line, number(), 0),
    "seeds": items(whole(0, 65535), 1, 65536),
}
"""Checks of a style of sound, which has only seeds."""
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
    """Return a check that also accepts None."""
    return lambda value: None if value is None else check(value)


AUDIO = "audio"
"""The kind of voice that makes sound instead of notes."""
RATE_STEP = 25
"""Step of sample rates in Hz; conversion from a multiple to the rates of sound cards needs a few
thousand filter phases."""
MOST_STATE_NUMBERS = 65536
"""Most numbers in the states of sound and a block: they travel with every request."""
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
    "context": whole(0, 4096),
    "format_version": whole(0, 2**31 - 1),
}


def checked_description(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the description, converted to the fields of a `VoiceSpec` and its parts.

    Raises `ValueError` for an invalid value, `KeyError` for a missing one.
    """
    sounds = document.get("kind") == AUDIO
    style = partial(fields, checks=SOUND_STYLE if sounds else STYLE)
    found = fields(document, {**VOICE, "styles": table(line, style, 256)})
    (_check_sound if sounds else _check_music)(found)
    return found


def _check_music(found: Mapping[str, Any]) -> None:
    if not found["heads"] or found.get("audio") is not None:
        raise ValueError("a voice of notes needs heads, and no `audio`")
    for name, style in found["styles"].items():
        for each in (each for each in MUSIC if each not in style):
            raise KeyError(each)
        if not len(style["mean"]) == len(style["spread"]) == found["latent"]:
            raise ValueError(
                f"style {name}: its mean or spread does not have {found['latent']} dimensions"
            )
        if not _holds(style.get("points", ""), found["latent"]):
            raise ValueError(f"style {name}: its points do not have {found['latent']} dimensions")


def _check_sound(found: Mapping[str, Any]) -> None:
    audio = found.get("audio")
    if audio is None or found["heads"] or found["latent"] or not found["styles"]:
        raise ValueError("a voice of kind audio needs `audio` and styles, no heads and no latent")
    rate, hop, length = (audio[name] for name in ("rate", "hop", "length"))
    if rate % RATE_STEP:
        raise ValueError(f"audio: {rate} Hz is not a multiple of {RATE_STEP}")
    most = 2 * hop if audio["synthesis"] == "spectrum" else length
    if not (hop <= rate and hop <= length <= most):
        raise ValueError(f"audio: blocks of {length} samples, {hop} apart, at {rate} Hz do not fit")
    if not audio.get("quiet", 0) < audio.get("loud", 1):
        raise ValueError("audio: quiet must be below loud")
    if sum(math.prod(state["shape"]) for state in found["states"]) + length > MOST_STATE_NUMBERS:
        raise ValueError(
            f"audio: its states and a block have more than {MOST_STATE_NUMBERS} numbers"
        )
    if any("seeds" not in style for style in found["styles"].values()):
        raise KeyError("seeds")


def _holds(points: str, width: int) -> bool:
    """Return True if the points are empty, or of `width` numbers each."""
    size = len(base64.b64decode(points, validate=True))
    return not points or (size > 0 and width > 0 and size % (2 * width) == 0)


STORED_NAMES = {"meters": "metres"}
"""Keys of a style in voice files that differ from the attribute's name, by attribute."""


def stored_style(style: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of a style by their keys in voice files."""
    return {STORED_NAMES.get(name, name): value for name, value in style.items()}


def style_attributes(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a stored style by attribute: the inverse of `stored_style`."""
    attributes = {key: attribute for attribute, key in STORED_NAMES.items()}
    return {attributes.get(key, key): value for key, value in stored.items()}
