"""Plans of a day for property tests, and an oracle that watches the wall clock tick."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from stream.day.entry import Entry, Start
from stream.day.place import Place
from stream.day.plan import Plan

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia")
"""Time zones: without and with daylight saving, one of half an hour, one that skipped a day."""
DAYS = st.frozensets(st.integers(0, 6), min_size=1)
TIMES = st.integers(0, 24 * 60 - 1) | st.sampled_from([0, 60, 90, 120, 125, 150, 179, 180, 1439])
MINUTE = timedelta(minutes=1)


@st.composite
def plans(draw, zones=ZONES, most=6):
    """Any plan by the clock that does not clash."""
    zone = draw(st.sampled_from(zones))
    starts = draw(st.lists(TIMES, min_size=1, max_size=most, unique=True))
    entries = [
        Entry(Start(minutes), draw(DAYS), f"entry {number}", silent=draw(st.booleans()))
        for number, minutes in enumerate(starts)
    ]
    return Plan(tuple(entries), Place(ZoneInfo(zone)))


FIRST = datetime(2011, 12, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 19 * 365 * 24 * 60).map(lambda minutes: FIRST + minutes * MINUTE)
"""Minutes of nineteen years."""


def ticking(plan, moment):
    """The entry that holds at a moment, found by watching the clock for eight days before.

    Each minute the clock shows a date and a time. An entry begins when its time on one of its days
    is shown, or passed over, for the first time.
    """
    held, begun = None, set()
    now = moment - timedelta(days=9)
    while now <= moment:
        local = now.astimezone(plan.place.zone)
        before = (now - MINUTE).astimezone(plan.place.zone)
        due = []
        for number, entry in enumerate(plan.entries):
            for day in {before.date(), *dates(before.date(), local.date())}:
                at = datetime.combine(day, datetime.min.time()) + MINUTE * entry.start.minutes
                passed = before.replace(tzinfo=None) < at <= local.replace(tzinfo=None)
                if day.weekday() in entry.days and passed and (number, day) not in begun:
                    begun.add((number, day))
                    due.append((at, number))
        for _, number in sorted(due):
            held = plan.entries[number]
        now += MINUTE
    return held


def dates(first, last):
    return [first + timedelta(days=n) for n in range(max((last - first).days, 0) + 1)]
