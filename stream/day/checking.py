"""Checks of the plan of a day against the voices: before anything plays, as for other settings."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stream.config.style_syntax import known_style, parse_style, written
from stream.day.plan import Plan, entry_at
from stream.day.reading import plan_of
from stream.errors import SettingsError, StreamError
from stream.own_styles.library import read_styled
from stream.voices.schema import AUDIO
from stream.voices.spec import find_voice

if TYPE_CHECKING:
    from stream.config.settings import Settings
    from stream.day.entry import Entry


def checked_plan(settings: Settings) -> Plan | None:
    """Return the plan with the names of styles as the voices spell them; None without a plan.

    Raises `SettingsError` for a plan that is not valid, or that a voice cannot play.
    """
    plan = plan_of(settings)
    if plan is None:
        return None
    entries = tuple(
        _checked(entry, settings, f"day {number} (at {entry.start})")
        for number, entry in enumerate(plan.entries, 1)
    )
    return dataclasses.replace(plan, entries=entries)


@dataclass(frozen=True, slots=True)
class Today:
    """The settings of today."""

    settings: Settings
    """The settings, with what the entry that holds now changes, so that it plays at once."""
    usual: Settings
    """The settings without the day."""
    plan: Plan | None = None


def today(settings: Settings) -> Today:
    """Return the settings of today. Raises `SettingsError` for a plan that is not valid."""
    plan = checked_plan(settings)
    if plan is None:
        return Today(settings, settings)
    entry = entry_at(plan, datetime.now(UTC)).entry
    changed = {"voice": entry.voice or settings.voice, **entry.changes}
    return Today(dataclasses.replace(settings, **changed), settings, plan)


def _checked(entry: Entry, settings: Settings, origin: str) -> Entry:
    name = entry.voice or settings.voice
    try:
        spec = read_styled(find_voice(name))
    except StreamError as error:
        raise SettingsError(f"{origin}: {error}") from error
    if spec.kind == AUDIO:
        raise SettingsError(f"{origin}: voice {name} makes sound, not notes; name another voice")
    style = parse_style(entry.changes.get("style", settings.style))
    plain = name.replace("{", "{{").replace("}", "}}")
    known = known_style(style, spec.styles, f"{origin}: style '{{name}}': voice {plain} has")
    if "style" not in entry.changes:
        return entry
    controls = {**entry.changes, "style": written(known)}
    return dataclasses.replace(entry, controls=tuple(controls.items()))
