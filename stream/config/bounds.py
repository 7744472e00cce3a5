"""What each setting may be: flags, keys of a file and controls that are moved pass here alike."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from typing import Any

from stream.errors import SettingsError
from stream.music.scale import canonical_name, pitch_of
from stream.util.suggestion import did_you_mean, meant
from stream.util.validate import numeral, shown

RANGES = {
    "seed": (0, 2**63 - 1),
    "bpm": (20, 300),
    "temperature": (0.1, 3),
    "top_p": (0.05, 1),
    "minutes": (0, 525_600 * 100),
    "candidates": (1, 256),
    "walk": (1, 1_000_000),
    "volume": (0, 4),
    "density": (-1, 1),
    "swing": (0, 0.75),
    "transpose": (-36, 36),
    "low": (0, 127),
    "high": (0, 127),
    "record": (0, 8760),
}
"""Lowest and highest value of each number, both allowed."""
WHOLE = frozenset({"seed", "candidates", "walk", "transpose", "low", "high"})
"""Numbers without a fraction."""
PITCHES = frozenset({"low", "high"})
"""Numbers that may be given as the name of a note."""
SWITCHES = frozenset({"responsive", "thru"})
"""True or false."""
LISTS = {"out": "outputs, as ['null']", "osc_to": "hosts, as ['192.168.1.20']"}
"""Lists of texts, and what they hold."""
CHOICES = {
    "absent": ("refuse", "await"),
    "answer": ("off", "answer", "duet", "seed"),
    "clock": ("off", "send", "follow", "link"),
}
"""The words that a setting allows."""


def checked(key: str, value: Any, origin: str) -> Any:
    """The value made fit for the setting `key`; `origin` names it in the error message.

    Raises `SettingsError` with the value, the range and the remedy.
    """
    if key in LISTS:
        return _list(value, LISTS[key], origin)
    if key in RANGES:
        return _number(key, value, origin)
    if key in SWITCHES:
        return _switch(value, origin)
    word = _text(value, origin)
    if key in CHOICES:
        return _choice(CHOICES[key], word, origin)
    return canonical_name(word) if key == "scale" else word


def parsed(text: str) -> int | float | str:
    """A number from a flag, or the text itself where it is none."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _choice(known: Sequence[str], word: str, origin: str) -> str:
    choice = meant(word, known)
    if choice not in known:
        raise SettingsError(
            f"{origin}: {shown(word)} is none of {', '.join(known)}{did_you_mean(word, known)}"
        )
    return choice


def _list(value: Any, kind: str, origin: str) -> tuple[str, ...]:
    members = [value] if isinstance(value, str) else value
    if not isinstance(members, list | tuple) or not all(isinstance(m, str) for m in members):
        raise SettingsError(f"{origin}: {shown(value)} is no list of {kind}")
    return tuple(_text(member, origin) for member in members)


def _switch(value: Any, origin: str) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"{origin}: {shown(value)} is neither true nor false")
    return value


def _text(value: Any, origin: str) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{origin}: {shown(value)} is no text; write it in quotes")
    if "\0" in value:
        raise SettingsError(f"{origin}: {shown(value)} holds a NUL, which no name does")
    try:
        os.fsencode(value)
    except UnicodeEncodeError as error:
        raise SettingsError(
            f"{origin}: {shown(value)} can not be written in {error.encoding}, which this system is"
            " set to; set LC_ALL=C.UTF-8"
        ) from error
    return value


def _number(key: str, value: Any, origin: str) -> int | float:
    low, high = RANGES[key]
    kind = "whole number" if key in WHOLE else "number"
    named = ", or a note as C4, which is 60" if key in PITCHES else ""
    wanted = f"a {kind} from {numeral(low)} to {numeral(high)}{named}"
    if isinstance(value, str):
        pitch = pitch_of(value) if key in PITCHES else None
        value = parsed(value) if pitch is None else pitch
    fits = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    if isinstance(value, bool) or not fits or (key in WHOLE and isinstance(value, float)):
        raise SettingsError(f"{origin}: {shown(value)} is not {wanted}")
    if not low <= value <= high:
        raise SettingsError(f"{origin}: {shown(value)} is out of range; give {wanted}")
    return int(value) if isinstance(value, int) else float(value)
