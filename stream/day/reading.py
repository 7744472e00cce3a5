"""Reading the plan of the day from the tables `[[day]]` and `[place]` of a configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stream.config.settings import with_changes
from stream.config.style_syntax import written
from stream.day.entry import Entry, parse_start
from stream.day.place import Place, local_zone, require_sun, zone_named
from stream.day.plan import Plan
from stream.day.weekdays import EVERY_DAY, days_text, parse_days
from stream.errors import SettingsError
from stream.music.controls import AUTO, Controls
from stream.util.suggestion import check_keys
from stream.util.validate import shown

if TYPE_CHECKING:
    from datetime import tzinfo

    from stream.config.settings import Settings

MOST_ENTRIES = 64
LONGEST_NAME = 60
PLACE_KEYS = ("latitude", "longitude", "timezone")
BOUNDS: Mapping[str, float] = {"latitude": 90.0, "longitude": 180.0}
"""Largest distance of each coordinate from 0, in degrees."""
Changes = dict[str, Any]


def plan_of(settings: Settings) -> Plan | None:
    """Return the plan of the day; None if the settings have no entries.

    Raises `SettingsError` for a malformed or clashing entry, coordinates out of range, a sun that
    does not rise or set, and a library that is not installed.
    """
    place = _place(settings.place)
    if not settings.day:
        return None
    if len(settings.day) > MOST_ENTRIES:
        raise SettingsError(f"day: {len(settings.day)} entries; give at most {MOST_ENTRIES}")
    entries = [_entry(table, number) for number, table in enumerate(settings.day, 1)]
    _check_clashes(entries)
    _check_sun(entries, place)
    return Plan(tuple(entries), place)


def _place(table: Mapping[str, Any]) -> Place:
    """Return the place. Raises `SettingsError`."""
    check_keys(table, PLACE_KEYS, "place")
    coordinates = [_coordinate(table, name) for name in BOUNDS]
    if (coordinates[0] is None) != (coordinates[1] is None):
        raise SettingsError("place: give both latitude and longitude, or neither")
    return Place(_zone(table), *coordinates)


def _zone(table: Mapping[str, Any]) -> tzinfo:
    name = table.get("timezone")
    if name is None:
        return local_zone()
    return zone_named(name if isinstance(name, str) else "", "place")


def _coordinate(table: Mapping[str, Any], name: str) -> float | None:
    value, most = table.get(name), BOUNDS[name]
    if value is None:
        return None
    if type(value) not in (int, float) or not -most <= value <= most:
        raise SettingsError(
            f"place: {name} {shown(value)} is not a number of degrees from {-most:g} to {most:g}"
        )
    return float(value)


def _entry(table: Mapping[str, Any], number: int) -> Entry:
    """Return one entry. Raises `SettingsError`."""
    origin = f"day {number}"
    check_keys(table, KEYS, origin)
    if "at" not in table:
        raise SettingsError(f"{origin}: has no start; give at = '07:00' or at = 'sunset'")
    start = parse_start(table["at"], origin)
    origin = f"{origin} (at {start})"
    changes: Changes = {}
    for key, read in CHANGES.items():
        if key in table:
            changes |= read(table[key], origin)
    try:
        controls = with_changes(Controls(), changes)
    except SettingsError as error:
        raise SettingsError(f"{origin}: {error}") from error
    checked = {name: getattr(controls, name) for name in changes}
    if "style" in checked:
        checked["style"] = written(controls.style)
    days = parse_days(table["days"], origin) if "days" in table else EVERY_DAY
    name, voice = _text(table, "name", origin) or "", _text(table, "voice", origin)
    return Entry(start, days, name, voice, tuple(checked.items()), _silence(table, origin))


def _text(table: Mapping[str, Any], key: str, origin: str) -> str | None:
    value = table.get(key)
    if value is None:
        return None
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= LONGEST_NAME:
        raise SettingsError(
            f"{origin}: {key} {shown(value)} is not a text of 1 to {LONGEST_NAME} letters"
        )
    return value


def _silence(table: Mapping[str, Any], origin: str) -> bool:
    value = table.get("silence", False)
    if not isinstance(value, bool):
        raise SettingsError(f"{origin}: silence {shown(value)} is neither true nor false")
    return value


def _same(name: str) -> Callable[[Any, str], Changes]:
    """Return the reader of a key that is a control of the same name."""
    return lambda value, _: {name: value}


def _tempo(value: Any, origin: str) -> Changes:
    """Return the controls for a tempo, a range `[60, 90]`, or `auto`."""
    plain = Controls()
    bounds = {"slowest": plain.slowest, "fastest": plain.fastest}
    if isinstance(value, list):
        low, high = _range(value, "tempo", "[60, 90]", origin)
        return {"bpm": AUTO, "slowest": low, "fastest": high}
    return {"bpm": value, **bounds}


def _energy(value: Any, origin: str) -> Changes:
    """Return the controls for an energy, or for a range such as `[0.2, 0.5]`."""
    if not isinstance(value, list):
        return {"energy": value}
    low, high = _range(value, "energy", "[0.2, 0.5]", origin)
    if not 0 <= low <= high <= 1:
        raise SettingsError(f"{origin}: energy {shown(value)} is out of range; give 0 to 1")
    return {"energy": round((low + high) / 2, 6), "arc": round(high - low, 6)}


def _range(value: list[Any], key: str, example: str, origin: str) -> tuple[float, float]:
    numbers = [each for each in value if type(each) in (int, float)]
    if len(value) != 2 or len(numbers) != 2 or numbers[0] > numbers[1]:
        raise SettingsError(
            f"{origin}: {key} {shown(value)} is not a range; give lowest and highest, {example}"
        )
    return numbers[0], numbers[1]


CHANGES: Mapping[str, Callable[[Any, str], Changes]] = {
    "style": _same("style"),
    "ensemble": _same("ensemble"),
    "tempo": _tempo,
    "energy": _energy,
    "volume": _same("volume"),
}
"""Reader of each key of an entry that moves controls."""
KEYS = ("at", "days", "name", "voice", *CHANGES, "silence")
"""Keys of an entry."""


def _check_clashes(entries: list[Entry]) -> None:
    """Raise `SettingsError` for two entries that begin at the same time of the same day."""
    taken: dict[tuple[str, int], int] = {}
    for number, entry in enumerate(entries, 1):
        for day in sorted(entry.days):
            key = str(entry.start), day
            if key in taken:
                when = days_text(frozenset({day}))
                raise SettingsError(
                    f"day {taken[key]} and day {number} both begin at {entry.start} on {when}; give"
                    " one of them another time, or other days"
                )
            taken[key] = number


def _check_sun(entries: list[Entry], place: Place) -> None:
    """Raise `SettingsError` if an entry waits for a sun that is unknown or stays away."""
    for number, entry in enumerate(entries, 1):
        event = entry.start.event
        if not event:
            continue
        origin = f"day {number} (at {entry.start})"
        if place.latitude is None:
            raise SettingsError(f"{origin}: needs [place] with latitude and longitude")
        require_sun(origin)
        if day := place.day_without(event, datetime.now(UTC).year):
            raise SettingsError(
                f"{origin}: latitude {place.latitude:g} has no {event} on {day:%d %B}; give a time"
                " such as 07:00"
            )
