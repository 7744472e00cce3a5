"""The day as clients show it: a ribbon of today's entries, and one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stream.day.plan import next_change, on_date
from stream.day.words import Now, clock, sentence, start_text, title

if TYPE_CHECKING:
    from datetime import datetime

    from stream.day.plan import Holding, Plan
    from stream.music.note import Controls

DAY_MINUTES = 24 * 60


def document(plan: Plan, moment: datetime, now: Now, controls: Controls) -> dict[str, Any]:
    """Return today's entries, the current one, and the sentence about it.

    `now` is the minute of the clock when this was said. `minute` is that at which an entry begins
    today; the first entry has held since before.
    """
    place, following = plan.place, next_change(plan, moment)
    today = on_date(plan, place.date_of(moment))
    local = moment.astimezone(place.zone)
    return {
        "now": 60 * local.hour + local.minute,
        "date": f"{place.date_of(moment):%Y-%m-%d}",
        "entries": [_entry(plan, each, number) for number, each in enumerate(today)],
        "current": max(number for number, each in enumerate(today) if each.since <= moment),
        "overruled": now.overruled,
        "pending": now.pending,
        "silent": now.holding.entry.silent,
        "next": clock(following.since, place) if following else "",
        "sentence": sentence(now, following, place, controls),
    }


def _entry(plan: Plan, holding: Holding, number: int) -> dict[str, Any]:
    place = plan.place
    local = holding.since.astimezone(place.zone)
    minute = 60 * local.hour + local.minute
    return {
        "at": clock(holding.since, place),
        "start": start_text(holding, place),
        "minute": 0 if number == 0 else min(minute, DAY_MINUTES - 1),
        "title": title(holding, place),
        "silent": holding.entry.silent,
    }
