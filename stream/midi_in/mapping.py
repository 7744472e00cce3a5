"""A map of the control and program changes of a MIDI input to commands: a TOML file.

[[cc]]
number = 74
control = "temperature"
channel = 1            # 1-16; if missing: any
low = 0.5              # at value 0; if missing: the control's own lowest value
high = 1.5             # at value 127

[[cc]]
number = 1
control = "style:bach/jazz"   # from the first style to the second

[[cc]]
number = 2
control = "ensemble:folk/jazz/band"   # from the first ensemble to the last

[[cc]]
number = 41
control = "next"       # next tune, at a value of 64 or more; also play (and pause), panic, tap

[[cc]]
number = 42
control = "part:bass"  # turns the part off and on again, at a value of 64 or more

[[cc]]
number = 43
control = "bpm:auto"   # each tune has its own tempo again, at a value of 64 or more

[[program]]
number = 0             # as sent; many devices show it as 1
voice = "commons"      # or style = "jazz", or ensemble = "band"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stream.config.bounds import RANGES, WHOLE, checked
from stream.config.style_syntax import parse_style
from stream.errors import SettingsError
from stream.midi_in.targets import ENSEMBLE, RANGED, STYLE, available, between, control_of
from stream.music.controls import AUTO
from stream.util import regular_file
from stream.util.suggestion import did_you_mean
from stream.util.validate import numeral, shown

PROGRAMS = ("voice", "style", "ensemble")
"""Members of the entry of a program change, of which it has one."""
MOST_BYTES = 1_000_000
"""Size limit of a file."""
MOST = 127
"""Highest value of a control change."""
LAST_NUMBER = 119
"""Highest number of a control change; those above are channel mode messages."""
DIGITS = 4
"""Decimals of a control's value: finer than the steps of a control change."""


@dataclass(frozen=True, slots=True)
class ControlChangeEntry:
    """The entry of a knob, a fader or a button."""

    number: int
    control: str
    channel: int | None = None
    """Channel, 1-16; None for any."""
    low: float = 0.0
    """The control's value at position 0."""
    high: float = 1.0
    """The control's value at position 127."""

    @property
    def field(self) -> str:
        """Name of the control that is set: `style` for a blend of styles."""
        return self.control.partition(":")[0]

    def value(self, position: int) -> float | str:
        """Return the control's value at a position, 0-127."""
        if self.control.startswith((STYLE, ENSEMBLE)):
            return between(self.control, position, MOST)
        share = position / MOST
        value = self.low + (self.high - self.low) * share
        return round(value) if self.control in WHOLE else round(value, DIGITS)


@dataclass(frozen=True, slots=True)
class ProgramChangeEntry:
    """The entry of a program change."""

    number: int
    command: Mapping[str, Any]
    """Command for the player."""
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Map:
    """All entries of a file."""

    control_changes: tuple[ControlChangeEntry, ...] = ()
    program_changes: tuple[ProgramChangeEntry, ...] = ()


EMPTY_MAP = Map()


def load(path: Path) -> Map:
    """Return the map in a file. Raises `SettingsError`."""
    return parse(text_of(path), f"--map {path}")


def text_of(path: Path) -> str:
    """Return the text of a file. Raises `SettingsError`."""
    try:
        content = regular_file.read(path, MOST_BYTES, "map")
    except OSError as error:
        raise SettingsError(
            f"--map {path}: cannot be read: {error.strerror}; write a map with 'perpetuum learn'"
        ) from error
    try:
        return content.decode()
    except ValueError as error:
        raise SettingsError(
            f"--map {path}: not a UTF-8 text; write a map with 'perpetuum learn'"
        ) from error


def parse(text: str, origin: str) -> Map:
    """Return the map in a TOML text. Raises `SettingsError`, whose message begins with `origin`."""
    try:
        document = tomllib.loads(text)
    except RecursionError as error:
        raise SettingsError(f"{origin}: invalid TOML: nested too deeply") from error
    except ValueError as error:
        raise SettingsError(f"{origin}: invalid TOML: {error}") from error
    return map_of(document, origin)


def map_of(document: Mapping[str, Any], origin: str) -> Map:
    """Return the map in a document with lists `cc` and `program`. Raises `SettingsError`."""
    _check_names(document, ("cc", "program"), origin)
    return Map(
        tuple(_control_change(entry, place) for entry, place in _entries(document, "cc", origin)),
        tuple(
            _program_change(entry, place) for entry, place in _entries(document, "program", origin)
        ),
    )


def _entries(document: Mapping[str, Any], key: str, origin: str) -> list[tuple[Any, str]]:
    entries = document.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise SettingsError(
            f"{origin}: {key}: {shown(entries)} is not a list of tables; write [[{key}]]"
        )
    return [(entry, f"{origin}: {key} {n}") for n, entry in enumerate(entries, 1)]


def _control_change(entry: Mapping[str, Any], origin: str) -> ControlChangeEntry:
    _check_names(entry, ("number", "control", "channel", "low", "high"), origin)
    control = control_of(entry.get("control"), origin)
    limits = [name for name in ("low", "high") if name in entry]
    if limits and control not in RANGED:
        raise SettingsError(f"{origin}: {control} has no {limits[0]}; remove it")
    low, high = RANGES.get(control, (0, 1))
    return ControlChangeEntry(
        number=_whole(entry, "number", (0, LAST_NUMBER), origin),
        control=control,
        channel=_channel(entry, origin),
        low=_limit(control, entry.get("low", low), f"{origin}: low"),
        high=_limit(control, entry.get("high", high), f"{origin}: high"),
    )


def _limit(control: str, value: Any, origin: str) -> float:
    if control not in RANGED:
        return float(value)
    limit = float(checked(control, value, origin))
    low, high = RANGES[control]
    if not low <= limit <= high:
        raise SettingsError(
            f"{origin}: {shown(value)} cannot be the end of a knob; give {numeral(low)} to"
            f" {numeral(high)}, and map a button to {control}:{AUTO}"
        )
    return limit


def _program_change(entry: Mapping[str, Any], origin: str) -> ProgramChangeEntry:
    _check_names(entry, ("number", "channel", *PROGRAMS), origin)
    values = {name: entry[name] for name in PROGRAMS if name in entry}
    if len(values) != 1:
        raise SettingsError(
            f"{origin}: write a voice, a style or an ensemble, such as voice = 'commons'"
        )
    if "ensemble" in values:
        values["ensemble"] = available(values["ensemble"], origin)
    for name, value in values.items():
        checked(name, value, f"{origin}: {name}")
    parse_style(values.get("style", ""))
    command = values if "voice" in values else {"set": values}
    number = _whole(entry, "number", (0, MOST), origin)
    return ProgramChangeEntry(number, command, _channel(entry, origin))


def _channel(entry: Mapping[str, Any], origin: str) -> int | None:
    return _whole(entry, "channel", (1, 16), origin) if "channel" in entry else None


def _whole(entry: Mapping[str, Any], name: str, within: tuple[int, int], origin: str) -> int:
    low, high = within
    value = entry.get(name)
    if type(value) is not int or not low <= value <= high:
        raise SettingsError(
            f"{origin}: {name}: {shown(value)} is not a whole number from {low} to {high}"
        )
    return value


def _check_names(entry: Mapping[str, Any], names: tuple[str, ...], origin: str) -> None:
    for name in entry:
        if name not in names:
            raise SettingsError(
                f"{origin}: {name[:40]!r}: unknown; use {', '.join(names)}"
                + did_you_mean(name, names)
            )
