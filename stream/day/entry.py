"""One entry of a day: when it begins, and how the music sounds from then on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from stream.day.place import EVENTS
from stream.day.weekdays import EVERY_DAY
from stream.errors import SettingsError
from stream.util.validate import shown

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from stream.day.place import Place

CLOCK = re.compile(r"(\d{1,2}):(\d{2})")
SUN = re.compile(rf"({'|'.join(EVENTS)})(?:\s*([+-])\s*(\d{{1,2}}):(\d{{2}}))?")
HOURS, MINUTES = 24, 60
MOST_OFFSET = 12 * MINUTES
"""Most minutes before or after an event of the sun."""


@dataclass(frozen=True, slots=True)
class Start:
    """The time at which an entry begins."""

    minutes: int
    """Minutes after midnight, or after the event of the sun; negative before that."""
    event: str = ""
    """The event of the sun, `sunrise` or `sunset`; empty for a time of the clock."""

    def on(self, day: date, place: Place) -> datetime | None:
        """Return the instant in UTC on a date; None if the sun does not rise or set on it."""
        if not self.event:
            return place.instant(day, self.minutes)
        sun = place.sun(self.event, day)
        return None if sun is None else sun + timedelta(minutes=self.minutes)

    def __str__(self) -> str:
        """Return the start as the configuration writes it."""
        sign = "-" if self.minutes < 0 else "+"
        hours, minutes = divmod(abs(self.minutes), MINUTES)
        clock = f"{hours:02}:{minutes:02}"
        if not self.event:
            return clock
        return f"{self.event}{sign}{clock}" if self.minutes else self.event


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the day; None means that the entry leaves it as it is configured."""

    start: Start
    days: frozenset[int] = EVERY_DAY
    """Days of the week on which it begins, 0 for Monday."""
    name: str = ""
    voice: str | None = None
    controls: tuple[tuple[str, Any], ...] = ()
    """Name and value of each control that it sets."""
    silent: bool = False
    """True if no music plays from its start to the next entry."""

    @property
    def changes(self) -> Mapping[str, Any]:
        """The controls that it sets, by name."""
        return dict(self.controls)


def parse_start(text: Any, origin: str) -> Start:
    """Return the start in a text such as `07:00` or `sunset-01:00`. Raises `SettingsError`."""
    word = text.strip().lower() if isinstance(text, str) else ""
    if found := CLOCK.fullmatch(word):
        hours, minutes = int(found[1]), int(found[2])
        if hours < HOURS and minutes < MINUTES:
            return Start(hours * MINUTES + minutes)
    elif found := SUN.fullmatch(word):
        offset = int(found[3] or 0) * MINUTES + int(found[4] or 0)
        if offset <= MOST_OFFSET and int(found[4] or 0) < MINUTES:
            return Start(-offset if found[2] == "-" else offset, found[1])
    raise SettingsError(
        f"{origin}: at {shown(text)}: not a time; write one from 00:00 to 23:59, or sunrise,"
        " sunset, sunrise+00:30, sunset-01:00 (12 hours at most)"
    )
