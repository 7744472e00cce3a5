"""The place at which a day passes: its time zone, and the sun over it.

Instants are `datetime` values in UTC.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from stream.errors import SettingsError
from stream.util.installation import install_extra

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

LOCAL_TIME = Path("/etc/localtime")
SUNRISE, SUNSET = "sunrise", "sunset"
EVENTS = (SUNRISE, SUNSET)
"""Events of the sun at which an entry of the day may begin."""
YEAR_DAYS = 366
SECOND = timedelta(seconds=1)
MOST_DATES = 64
"""Dates whose events of the sun are kept."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place on earth; without coordinates it has no sun."""

    zone: tzinfo = UTC
    """Time zone of the wall clock."""
    latitude: float | None = None
    """Degrees north of the equator."""
    longitude: float | None = None
    """Degrees east of Greenwich."""

    def date_of(self, moment: datetime) -> date:
        """Return the date that a calendar shows at this instant."""
        return moment.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """Return the instant at which a date begins."""
        return self.instant(day, 0)

    def instant(self, day: date, minutes: int) -> datetime:
        """Return the first instant at which the wall clock reads at least `minutes` on a date.

        A time that the clock skips comes when it skips it; one that comes twice, the first time.
        """
        wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
        late = wall.replace(tzinfo=self.zone).astimezone(UTC)
        if late.astimezone(self.zone).replace(tzinfo=None) == wall:
            return late
        early = wall.replace(tzinfo=self.zone, fold=1).astimezone(UTC)
        return self._skip(early, late)

    def _skip(self, early: datetime, late: datetime) -> datetime:
        """Return when the wall clock is moved forward between two instants."""
        before = early.astimezone(self.zone).utcoffset()
        while late - early > SECOND:
            middle = early + timedelta(seconds=(late - early) // SECOND // 2)
            if middle.astimezone(self.zone).utcoffset() == before:
                early = middle
            else:
                late = middle
        return late

    def sun(self, event: str, day: date) -> datetime | None:
        """Return the instant of `sunrise` or `sunset` on a date, to the minute; None without it."""
        if self.latitude is None or self.longitude is None:
            return None
        return _sun(event, self.latitude, self.longitude, self.zone, day)

    def day_without(self, event: str, year: int) -> date | None:
        """Return the first of two days in a row in a year without an event; None if all have it."""
        missing = False
        for number in range(YEAR_DAYS):
            day = date(year, 1, 1) + timedelta(days=number)
            before, missing = missing, self.sun(event, day) is None
            if before and missing:
                return day - timedelta(days=1)
        return None


@lru_cache(maxsize=MOST_DATES)
def _sun(event: str, latitude: float, longitude: float, zone: tzinfo, day: date) -> datetime | None:
    import astral
    from astral import sun

    compute: Callable[..., datetime] = getattr(sun, event)
    try:
        found = compute(astral.Observer(latitude, longitude), date=day, tzinfo=zone)
    except ValueError:  # the sun stays up or down all day
        return None
    return found.astimezone(UTC).replace(second=0, microsecond=0)


def require_sun(origin: str) -> None:
    """Raise `SettingsError` if the library that computes the sun is not installed."""
    from importlib.util import find_spec

    if find_spec("astral") is None:
        raise SettingsError(f"{origin}: astral is not installed; run: {install_extra('day')}")


def zone_named(name: str, origin: str) -> tzinfo:
    """Return a time zone such as `Europe/Berlin`. Raises `SettingsError`."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:  # unknown, malformed, or no data
        raise SettingsError(
            f"{origin}: timezone {name[:60]!r} is unknown; write one such as Europe/Berlin, or"
            " leave it out for that of this machine"
        ) from error


def local_zone() -> tzinfo:
    """Return the time zone of this machine; UTC if it does not say."""
    from zoneinfo import ZoneInfo

    name = os.environ.get("TZ", "").removeprefix(":")
    try:
        if name:
            return ZoneInfo(name)
        with LOCAL_TIME.open("rb") as file:
            return ZoneInfo.from_file(file, key=str(LOCAL_TIME.resolve()))
    except (OSError, ValueError, KeyError):
        return UTC
