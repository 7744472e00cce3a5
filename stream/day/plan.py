"""The plan of a day: which entry holds at any moment. Pure functions; instants are in UTC."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from stream.config.style_syntax import written
from stream.day.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream.day.entry import Entry
    from stream.music.controls import Controls

WEEK = 7
MARGIN = 2
"""Days around the sought ones in which an entry may begin that belongs to another date."""
DAY = timedelta(days=1)
LONGEST = 400
"""Most days without any entry: the sun of a polar place, sought for more than a year."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The entries of all days, in the order of the configuration; there is at least one."""

    entries: tuple[Entry, ...]
    place: Place = field(default_factory=Place)

    @property
    def controls(self) -> frozenset[str]:
        """Names of the controls that any entry sets."""
        return frozenset(name for entry in self.entries for name, _ in entry.controls)

    def without(self, control: str) -> Plan:
        """Return the plan without one control."""
        entries = (
            replace(entry, controls=tuple(each for each in entry.controls if each[0] != control))
            for entry in self.entries
        )
        return replace(self, entries=tuple(entries))

    @property
    def sets_voice(self) -> bool:
        """True if any entry chooses the voice."""
        return any(entry.voice is not None for entry in self.entries)

    def values(self, entry: Entry, configured: Controls) -> dict[str, Any]:
        """Return each control of the plan with the entry's value, or else the `configured` one.

        So how an entry sounds does not depend on those before it. Values are written as in a
        settings file.
        """
        usual = {name: getattr(configured, name) for name in self.controls}
        if "style" in usual:
            usual["style"] = written(configured.style)
        return usual | dict(entry.changes)


class Holding(NamedTuple):
    """An entry, and the instant from which it holds."""

    since: datetime
    entry: Entry


def entry_at(plan: Plan, moment: datetime) -> Holding:
    """Return the one entry that holds at a moment: the last that has begun."""
    today = plan.place.date_of(moment)
    for reach in (WEEK + MARGIN, LONGEST):
        begun = [
            each
            for each in _starts(plan, today - reach * DAY, today + MARGIN * DAY)
            if each.since <= moment
        ]
        if begun:
            return begun[-1]
    return Holding(datetime.min.replace(tzinfo=UTC), plan.entries[-1])


def next_change(plan: Plan, moment: datetime) -> Holding | None:
    """Return the first entry that begins after a moment; None if none does within a year."""
    today = plan.place.date_of(moment)
    for reach in (MARGIN, WEEK + MARGIN, LONGEST):
        starts = _starts(plan, today - MARGIN * DAY, today + reach * DAY)
        later = [each for each in starts if each.since > moment]
        # What begins on the last dates may be preceded by what belongs to the dates after them.
        safe = moment + (reach - MARGIN / 2) * DAY
        if later and (later[0].since <= safe or reach == LONGEST):
            return later[0]
    return None


def changes(plan: Plan, begin: datetime, end: datetime) -> list[Holding]:
    """Return the entries that begin at `begin` or later and before `end`, in order."""
    first, last = plan.place.date_of(begin), plan.place.date_of(end)
    starts = _starts(plan, first - MARGIN * DAY, last + MARGIN * DAY)
    return [each for each in starts if begin <= each.since < end]


def on_date(plan: Plan, day: date) -> list[Holding]:
    """Return the entries that hold on a date, in order; the first one began on a date before."""
    begin, end = plan.place.midnight(day), plan.place.midnight(day + DAY)
    held = changes(plan, begin, end)
    before = [] if held and held[0].since == begin else [entry_at(plan, begin)]
    return before + held


def _starts(plan: Plan, first: date, last: date) -> list[Holding]:
    """Return what begins on the dates from `first` to `last`, in order of time.

    Of entries that begin at the same instant, the later one of the clock, or of the file, holds.
    """
    found = {since: number for since, _, number in sorted(_unsorted(plan, first, last))}
    return [Holding(since, plan.entries[number]) for since, number in found.items()]


def _unsorted(plan: Plan, first: date, last: date) -> Iterator[tuple[datetime, int, int]]:
    """Yield instant, minutes of the clock, and number of each entry on each of its dates."""
    for days in range((last - first).days + 1):
        day = first + days * DAY
        for number, entry in enumerate(plan.entries):
            if day.weekday() in entry.days:
                since = entry.start.on(day, plan.place)
                if since is not None:
                    yield since, 0 if entry.start.event else entry.start.minutes, number
