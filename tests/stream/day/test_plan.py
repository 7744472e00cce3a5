"""The plan of a day: at any moment exactly one entry holds, whatever the clock does."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.day.entry import Entry, Start, parse_start
from stream.day.place import Place
from stream.day.plan import Plan, changes, entry_at, next_change, on_date
from stream.day.weekdays import EVERY_DAY
from tests.stream.day.plans import MOMENTS, ZONES, plans, ticking

BERLIN = ZoneInfo("Europe/Berlin")


def plan(*starts, zone=BERLIN, **place):
    entries = [Entry(parse_start(start, "day"), EVERY_DAY, start) for start in starts]
    return Plan(tuple(entries), Place(zone, **place))


def local(*fields, zone=BERLIN, fold=0):
    return datetime(*fields, tzinfo=zone, fold=fold).astimezone(UTC)


@given(plans(), MOMENTS)
@settings(max_examples=25, deadline=None)
def test_what_holds_is_what_a_watcher_of_the_clock_saw_begin_last(any_plan, moment):
    assert entry_at(any_plan, moment).entry == ticking(any_plan, moment)


@given(plans(), MOMENTS)
def test_exactly_one_entry_holds_and_it_has_begun(any_plan, moment):
    holding = entry_at(any_plan, moment)
    assert holding.entry in any_plan.entries
    assert holding.since <= moment
    following = next_change(any_plan, moment)
    assert following.since > moment
    assert changes(any_plan, holding.since, following.since) == [holding]
    just_before = following.since - timedelta(microseconds=1)
    assert entry_at(any_plan, just_before) == holding
    assert entry_at(any_plan, following.since) == following


@given(plans(), MOMENTS, st.timedeltas(timedelta(days=-3000), timedelta(days=3000)))
def test_a_jump_of_the_clock_leads_to_what_holds_there(any_plan, moment, jump):
    """What holds is a function of the moment alone: no way to it matters."""
    before = entry_at(any_plan, moment)
    there = moment + jump
    assert entry_at(any_plan, there) == entry_at(any_plan, there)
    assert entry_at(any_plan, moment) == before


@given(plans(), MOMENTS)
def test_the_days_of_a_week_are_without_gaps(any_plan, moment):
    today = any_plan.place.date_of(moment)
    for number in range(7):
        day = today + timedelta(days=number)
        held = on_date(any_plan, day)
        begin = any_plan.place.midnight(day)
        assert held[0].since <= begin
        assert [each.since for each in held] == sorted({each.since for each in held})
        assert all(each.since > begin for each in held[1:])


@given(st.sampled_from(ZONES), st.dates(date(2011, 12, 1), date(2030, 1, 1)), st.integers(0, 1439))
def test_an_instant_is_the_first_at_which_the_clock_has_come_so_far(zone, day, minutes):
    place = Place(ZoneInfo(zone))
    instant = place.instant(day, minutes)
    wall = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
    assert instant.astimezone(place.zone).replace(tzinfo=None) >= wall
    just_before = (instant - timedelta(minutes=1)).astimezone(place.zone).replace(tzinfo=None)
    assert just_before < wall


def test_a_time_that_the_clock_skips_begins_when_it_skips_it():
    spring = plan("01:00", "02:30", "04:00")
    assert entry_at(spring, local(2026, 3, 29, 1, 59)).entry.name == "01:00"
    holding = entry_at(spring, local(2026, 3, 29, 3, 0))
    assert holding.entry.name == "02:30"
    assert holding.since == local(2026, 3, 29, 3, 0)


def test_a_time_that_comes_twice_begins_once():
    autumn = plan("01:00", "02:30", "04:00")
    first, second = local(2026, 10, 25, 2, 30), local(2026, 10, 25, 2, 30, fold=1)
    assert second - first == timedelta(hours=1)
    assert entry_at(autumn, first).since == first
    assert entry_at(autumn, second).since == first
    assert next_change(autumn, first).since == local(2026, 10, 25, 4, 0)


def test_of_two_times_that_are_skipped_together_the_later_one_holds():
    skipped = plan("02:45", "02:15", "12:00")
    assert entry_at(skipped, local(2026, 3, 29, 3, 0)).entry.name == "02:45"
    assert len(changes(skipped, local(2026, 3, 29, 1, 0), local(2026, 3, 29, 4, 0))) == 1


def test_an_entry_of_weekdays_leaves_the_weekend_to_the_others():
    work = Entry(Start(7 * 60), frozenset(range(5)), "work")
    rest = Entry(Start(9 * 60), frozenset({5, 6}), "rest")
    week = Plan((work, rest), Place(BERLIN))
    assert entry_at(week, local(2026, 12, 5, 8, 0)).since == local(2026, 12, 4, 7, 0)
    assert entry_at(week, local(2026, 12, 5, 9, 0)).entry is rest
    assert entry_at(week, local(2026, 12, 7, 7, 0)).entry is work


HERE = {"latitude": 52.5, "longitude": 13.4}


def test_the_sun_moves_an_entry_through_the_year():
    pytest.importorskip("astral")
    sunny = plan("07:00", "sunset-00:30", **HERE)
    summer = entry_at(sunny, local(2026, 6, 21, 22, 0)).since.astimezone(BERLIN)
    winter = entry_at(sunny, local(2026, 12, 21, 22, 0)).since.astimezone(BERLIN)
    assert (summer.hour, winter.hour) == (21, 15)
    assert entry_at(sunny, local(2026, 12, 21, 12, 0)).entry.name == "07:00"


@given(st.floats(-60, 60), st.floats(-180, 180), MOMENTS)
def test_one_entry_holds_under_any_sun(latitude, longitude, moment):
    pytest.importorskip("astral")
    zone = ZoneInfo("Europe/Berlin")
    place = {"latitude": latitude, "longitude": longitude}
    sunny = plan("sunrise", "sunset", "sunset+05:00", "12:00", zone=zone, **place)
    holding, following = entry_at(sunny, moment), next_change(sunny, moment)
    assert holding.since <= moment < following.since
    assert following.since - holding.since <= timedelta(days=1, hours=1)
    assert entry_at(sunny, following.since) == following


def test_where_the_sun_stays_away_the_last_entry_holds_on():
    pytest.importorskip("astral")
    polar = plan("sunrise", "sunset", zone=UTC, latitude=78.2, longitude=15.6)
    holding = entry_at(polar, datetime(2026, 12, 24, tzinfo=UTC))
    assert holding.entry.name == "sunset"
    assert holding.since.month == 10
    assert next_change(polar, datetime(2026, 12, 24, tzinfo=UTC)).since.month == 2
