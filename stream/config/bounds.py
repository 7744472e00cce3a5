"""Checks of the value of each setting, for flags, keys of a file and changes of controls alike."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import Any

from stream.config.part_changes import canonical_parts
from stream.ensembles.ensemble import load
from stream.errors import SettingsError
from stream.music.controls import AUTO, AUTOMATIC, CONTROLS, Kind, of_kind
from stream.music.scale import canonical_name, pitch_of
from stream.util.suggestion import did_you_mean, meant
from stream.util.validate import numeral, shown

RANGES: Mapping[str, tuple[float, float]] = {
    **{name: control.bounds for name, control in CONTROLS.items() if control.bounds},
    "seed": (0, 2**63 - 1),
    "minutes": (0, 525_600 * 100),
    "gain": (0, 4),
    "fade": (0, 3600),
    "fade_in": (0, 3600),
    "every": (0, 1440),
    "record": (0, 8760),
}
"""Lowest and highest value of each number, both included."""
WHOLE = of_kind(Kind.WHOLE, Kind.PITCH) | {"seed"}
"""Numbers without a fraction."""
PITCHES = of_kind(Kind.PITCH)
"""Numbers that may be given as the name of a note."""
SCALES = of_kind(Kind.SCALE)
"""Texts that name a scale."""
PARTS = of_kind(Kind.PARTS)
"""Texts that change parts."""
ENSEMBLES = of_kind(Kind.ENSEMBLE)
"""Texts that name an ensemble."""
ACCOMPANY = "accompany"
"""Answer of the band alone, which follows what is played."""
SWITCHES = frozenset({"mdns", "mqtt_tls", "responsive", "thru"})
"""Settings that are true or false."""
LISTS = {"out": "outputs such as ['null']", "osc_to": "hosts such as ['192.168.1.20']"}
"""Settings that are lists of texts, with their members and an example."""
CHOICES = {
    "absent": ("refuse", "await"),
    "answer": ("off", "answer", "duet", "seed", ACCOMPANY),
    "clock": ("off", "send", "follow", "link"),
}
"""Words that a setting accepts."""


def checked(key: str, value: Any, origin: str) -> Any:
    """Return the value converted to the type of the setting `key`.

    Raises `SettingsError` with the value, the range and the remedy; its message opens with
    `origin`.
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
    return _canonical(key, word, origin)


def _canonical(key: str, word: str, origin: str) -> str:
    """Return a text in its one spelling, if it has one."""
    if key in PARTS:
        return canonical_parts(word, origin)
    if key in ENSEMBLES:
        return load(word).name if word.strip() else ""
    return canonical_name(word) if key in SCALES else word


def parsed(text: str) -> int | float | str:
    """Return the number that a flag holds, or the text itself if it is not a number."""
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
            f"{origin}: {shown(word)} is not one of {', '.join(known)}{did_you_mean(word, known)}"
        )
    return choice


def _list(value: Any, kind: str, origin: str) -> tuple[str, ...]:
    members = [value] if isinstance(value, str) else value
    if not isinstance(members, list | tuple) or not all(isinstance(m, str) for m in members):
        raise SettingsError(f"{origin}: {shown(value)} is not a list of {kind}")
    return tuple(_text(member, origin) for member in members)


def _switch(value: Any, origin: str) -> bool:
    if not isinstance(value, bool):
        raise SettingsError(f"{origin}: {shown(value)} is neither true nor false")
    return value


def _text(value: Any, origin: str) -> str:
    if not isinstance(value, str):
        raise SettingsError(f"{origin}: {shown(value)} is not a text; write it in quotes")
    if "\0" in value:
        raise SettingsError(f"{origin}: {shown(value)} contains a NUL character; remove it")
    try:
        os.fsencode(value)
    except UnicodeEncodeError as error:
        raise SettingsError(
            f"{origin}: {shown(value)} cannot be encoded in {error.encoding}, the encoding of this"
            " system; set LC_ALL=C.UTF-8"
        ) from error
    return value


def _is_auto(value: Any) -> bool:
    """Return True for the value 0 of a control, or its name."""
    if isinstance(value, str):
        value = AUTO if value.strip().lower() == AUTO else parsed(value)
    return value == AUTO or (type(value) in (int, float) and value == 0)


def _number(key: str, value: Any, origin: str) -> int | float:
    low, high = RANGES[key]
    kind = "whole number" if key in WHOLE else "number"
    named = ", or a note such as C4, which is 60" if key in PITCHES else ""
    auto = f", or {AUTO}" if key in AUTOMATIC else ""
    wanted = f"a {kind} from {numeral(low)} to {numeral(high)}{named}{auto}"
    if key in AUTOMATIC and _is_auto(value):
        return 0.0
    if isinstance(value, str):
        pitch = pitch_of(value) if key in PITCHES else None
        value = parsed(value) if pitch is None else pitch
    fits = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    if isinstance(value, bool) or not fits or (key in WHOLE and isinstance(value, float)):
        raise SettingsError(f"{origin}: {shown(value)} is not {wanted}")
    if not low <= value <= high:
        raise SettingsError(f"{origin}: {shown(value)} is out of range; give {wanted}")
    return int(value) if isinstance(value, int) else float(value)
