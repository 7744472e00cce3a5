"""`perpetuum day`: list what the plan of the day plays today, and what changes in the next week."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from stream.config.settings import Settings, load, with_changes
from stream.day.checking import checked_plan
from stream.day.plan import Holding, Plan, changes, entry_at, next_change, on_date
from stream.day.words import Now, clock, entry_text, sentence, title
from stream.errors import SettingsError
from stream.util.console import say

WEEK = timedelta(days=7)


def run(args: argparse.Namespace) -> int:
    """Print today's entries, why it sounds as it does now, and the changes of the next week."""
    settings = load(args.config, {})
    plan = checked_plan(settings)
    if plan is None:
        raise SettingsError(
            "day: there is no plan; add [[day]] to a configuration, and name it: perpetuum day"
            " --config FILE.toml"
        )
    say(*listed(plan, settings, datetime.now(UTC)))
    return 0


def listed(plan: Plan, settings: Settings, moment: datetime) -> Iterator[str]:
    """Yield the lines for a moment."""
    place, holding = plan.place, entry_at(plan, moment)
    today = place.date_of(moment)
    yield f"{_date(moment, plan)}, {clock(moment, place)}"
    for each in on_date(plan, today):
        line = _line(plan, settings, each, "*" if each == holding else " ")
        yield line if place.date_of(each.since) == today else f"{line} (since the day before)"
    values = plan.values(holding.entry, settings.controls)
    controls = with_changes(settings.controls, values)
    yield sentence(Now(holding), next_change(plan, moment), place, controls)
    day = today
    for each in changes(plan, place.midnight(today + timedelta(days=1)), moment + WEEK):
        if (date := place.date_of(each.since)) != day:
            day = date
            yield ""
            yield _date(each.since, plan)
        yield _line(plan, settings, each, " ")


def _date(moment: datetime, plan: Plan) -> str:
    return f"{moment.astimezone(plan.place.zone):%A, %d %B %Y}"


def _line(plan: Plan, settings: Settings, holding: Holding, mark: str) -> str:
    values = plan.values(holding.entry, settings.controls)
    controls = with_changes(settings.controls, values)
    start, name = clock(holding.since, plan.place), title(holding, plan.place)
    event = f" ({holding.entry.start})" if holding.entry.start.event else ""
    return f"{mark} {start}{event}  {name}: {entry_text(holding.entry, controls)}"
