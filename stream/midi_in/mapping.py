"""What the controllers and programs of a MIDI input move: a TOML file.

[[cc]]
number = 74
control = "temperature"
channel = 1            # 1-16; without: any
low = 0.5              # at value 0; without: the control's own range
high = 1.5             # at value 127

[[cc]]
number = 1
control = "style:bach/jazz"   # from the one to the other

[[cc]]
number = 41
control = "next"       # next tune, at a value of 64 and more; also play (and pause), panic

[[program]]
number = 0             # as it travels: many devices show it as 1
voice = "commons"      # or style = "jazz"
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stream.config.bounds import RANGES, WHOLE, checked
from stream.config.style_syntax import parse_style
from stream.errors import SettingsError
from stream.music.controls import CONTROLS
from stream.util import regular_file
from stream.util.suggestion import did_you_mean, meant
from stream.util.validate import shown

ACTIONS = ("play", "next", "panic")
"""What a button can do; `play` is also pause."""
RANGED = tuple(name for name, control in CONTROLS.items() if control.bounds)
"""Controls that are numbers."""
STYLE = "style:"
MOST_BYTES = 1_000_000
"""In a file."""
MOST = 127
"""Highest value of a controller."""
LAST_NUMBER = 119
"""Beyond are messages to whole channels."""
DIGITS = 4
"""Of a control's value: finer than a controller's steps."""


@dataclass(frozen=True, slots=True)
class Controller:
    """A knob, a fader or a button."""

    number: int
    control: str
    channel: int | None = None
    """1-16; None: any."""
    low: float = 0.0
    """The control's value at 0 ..."""
    high: float = 1.0
    """... and at 127."""

    @property
    def field(self) -> str:
        """What is set: `style` for a blend of styles."""
        return self.control.partition(":")[0]

    def value(self, position: int) -> float | str:
        """What the control becomes at 0-127."""
        share = position / MOST
        if self.control.startswith(STYLE):
            one, other = self.control.removeprefix(STYLE).split("/")
            return _blend(one, other, share)
        value = self.low + (self.high - self.low) * share
        return round(value) if self.control in WHOLE else round(value, DIGITS)


@dataclass(frozen=True, slots=True)
class Program:
    """A program change."""

    number: int
    command: Mapping[str, Any]
    """What the player is told."""
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Map:
    """All of a file."""

    controllers: tuple[Controller, ...] = ()
    programs: tuple[Program, ...] = ()


NOTHING_MAPPED = Map()


def load(path: Path) -> Map:
    """The map in a file. Raises `SettingsError`."""
    return parse(text_of(path), f"--map {path}")


def text_of(path: Path) -> str:
    """What is in the file. Raises `SettingsError`."""
    try:
        content = regular_file.read(path, MOST_BYTES, "map")
    except OSError as error:
        raise SettingsError(
            f"--map {path}: can not be read: {error.strerror}; 'perpetuum learn' writes one"
        ) from error
    try:
        return content.decode()
    except ValueError as error:
        raise SettingsError(f"--map {path}: is no text; 'perpetuum learn' writes one") from error


def parse(text: str, origin: str) -> Map:
    """The map in a TOML text; `origin` names it in the error message. Raises `SettingsError`."""
    try:
        document = tomllib.loads(text)
    except RecursionError as error:
        raise SettingsError(f"{origin}: no valid TOML: lists without end") from error
    except ValueError as error:
        raise SettingsError(f"{origin}: no valid TOML: {error}") from error
    return map_of(document, origin)


def map_of(document: Mapping[str, Any], origin: str) -> Map:
    """The map in a document with the lists `cc` and `program`. Raises `SettingsError`."""
    _known(document, ("cc", "program"), origin)
    return Map(
        tuple(_controller(entry, where) for entry, where in _entries(document, "cc", origin)),
        tuple(_program(entry, where) for entry, where in _entries(document, "program", origin)),
    )


def _entries(document: Mapping[str, Any], key: str, origin: str) -> list[tuple[Any, str]]:
    entries = document.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise SettingsError(f"{origin}: {key}: {shown(entries)} is no list; write [[{key}]]")
    return [(entry, f"{origin}: {key} {n}") for n, entry in enumerate(entries, 1)]


def _controller(entry: Mapping[str, Any], origin: str) -> Controller:
    _known(entry, ("number", "control", "channel", "low", "high"), origin)
    control = named_control(entry.get("control"), origin)
    ends = [name for name in ("low", "high") if name in entry]
    if ends and control not in RANGED:
        raise SettingsError(f"{origin}: {control} has no {ends[0]}; leave it out")
    low, high = RANGES.get(control, (0, 1))
    return Controller(
        number=_whole(entry, "number", (0, LAST_NUMBER), origin),
        control=control,
        channel=_channel(entry, origin),
        low=_end(control, entry.get("low", low), f"{origin}: low"),
        high=_end(control, entry.get("high", high), f"{origin}: high"),
    )


def named_control(control: object, origin: str) -> str:
    """What a controller can move. Raises `SettingsError` for anything else."""
    if isinstance(control, str):
        control = meant(control, (*RANGED, *ACTIONS))
        if control in (*ACTIONS, *RANGED):
            return control
        if control.startswith(STYLE):
            return _two_styles(control, origin)
    raise SettingsError(
        f"{origin}: {shown(control)} is no control; there are {', '.join((*RANGED, *ACTIONS))},"
        f" style:ONE/OTHER{did_you_mean(str(control), (*RANGED, *ACTIONS))}"
    )


def _two_styles(control: str, origin: str) -> str:
    try:
        places = parse_style(control.removeprefix(STYLE))
    except SettingsError:
        places = ()
    if len(places) != 2 or any(len(blend) != 1 for blend in places):
        raise SettingsError(f"{origin}: {shown(control)}: write two styles, as style:bach/jazz")
    return STYLE + "/".join(blend[0][0] for blend in places)


def _end(control: str, value: Any, origin: str) -> float:
    return float(checked(control, value, origin)) if control in RANGED else float(value)


def _program(entry: Mapping[str, Any], origin: str) -> Program:
    _known(entry, ("number", "channel", "voice", "style"), origin)
    wishes = {name: entry[name] for name in ("voice", "style") if name in entry}
    if len(wishes) != 1:
        raise SettingsError(f"{origin}: write a voice or a style, as voice = 'commons'")
    for name, value in wishes.items():
        checked(name, value, f"{origin}: {name}")
    parse_style(wishes.get("style", ""))
    command = wishes if "voice" in wishes else {"set": wishes}
    number = _whole(entry, "number", (0, MOST), origin)
    return Program(number, command, _channel(entry, origin))


def _channel(entry: Mapping[str, Any], origin: str) -> int | None:
    return _whole(entry, "channel", (1, 16), origin) if "channel" in entry else None


def _whole(entry: Mapping[str, Any], name: str, within: tuple[int, int], origin: str) -> int:
    low, high = within
    value = entry.get(name)
    if type(value) is not int or not low <= value <= high:
        raise SettingsError(
            f"{origin}: {name}: {shown(value)} is no whole number from {low} to {high}"
        )
    return value


def _known(entry: Mapping[str, Any], names: tuple[str, ...], origin: str) -> None:
    for name in entry:
        if name not in names:
            raise SettingsError(
                f"{origin}: {name[:40]!r}: unknown; known are {', '.join(names)}"
                + did_you_mean(name, names)
            )


def _blend(one: str, other: str, share: float) -> str:
    """From one style to the other; nobody weighs nothing."""
    if one == other or math.isclose(share, 0):
        return one
    if math.isclose(share, 1):
        return other
    return f"{one}:{1 - share:.{DIGITS}g},{other}:{share:.{DIGITS}g}"
