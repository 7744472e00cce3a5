"""The plan of the day in a configuration: what is read, and what is refused in one line."""

import importlib.util
import tomllib
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.__main__ import main
from stream.config.reference import shown
from stream.config.settings import Settings, load
from stream.day.checking import checked_plan, today
from stream.day.entry import Start, parse_start
from stream.day.reading import plan_of
from stream.day.weekdays import NAMES, days_text, parse_days
from stream.errors import SettingsError

SUNNY = """
[place]
latitude = 52.5
longitude = 13.4
timezone = "Europe/Berlin"

[[day]]
at = "sunrise+00:30"
days = "mon-fri"
name = "Morning"
style = "folk"
tempo = [60, 90]
energy = [0.2, 0.6]

[[day]]
at = "22:30"
voice = "chorale"
tempo = 72
volume = 0.5
ensemble = "solo"

[[day]]
at = "23:30"
silence = true
"""


def settings(text):
    document = tomllib.loads(text)
    tables = {"day": tuple(document.pop("day", ())), "place": document.pop("place", {})}
    return Settings(**document, **tables)


def test_a_day_is_read():
    pytest.importorskip("astral")
    plan = plan_of(settings(SUNNY))
    morning, evening, night = plan.entries
    assert (morning.start, morning.name, len(morning.days)) == (Start(30, "sunrise"), "Morning", 5)
    assert morning.changes == {
        "style": "folk", "bpm": 0.0, "slowest": 60, "fastest": 90, "energy": 0.4, "arc": 0.4,
    }  # fmt: skip
    assert (evening.voice, evening.changes["bpm"], evening.changes["volume"]) == (
        "chorale",
        72,
        0.5,
    )
    assert night.silent
    assert plan.place.zone == ZoneInfo("Europe/Berlin")
    assert plan.controls == {*morning.changes, "volume", "ensemble"}


def day(*lines, place=""):
    entries = "\n".join(f"[[day]]\n{line}" for line in lines)
    return f"{place}\n{entries}"


PLACE = "[place]\nlatitude = 52.5\nlongitude = 13.4"
REFUSED = [
    (day("name = 'x'"), "day 1: has no start; give at = '07:00' or at = 'sunset'"),
    (day("at = '24:00'"), "day 1: at '24:00': not a time; write one from 00:00 to 23:59, or"),
    (day("at = '7:60'"), "day 1: at '7:60': not a time"),
    (day("at = 7"), "day 1: at 7: not a time"),
    (day("at = 07:00:00"), "day 1: at datetime.time(7, 0): not a time"),
    (day("at = 'noon'"), "day 1: at 'noon': not a time"),
    (day("at = 'sunset+13:00'"), "day 1: at 'sunset+13:00': not a time"),
    (day("at = '07:00'\nstile = 'folk'"), "day 1: 'stile': unknown key; known are at, days, name"),
    (day("at = '07:00'\ndays = 'mon-fry'"), "day 1 (at 07:00): days 'mon-fry': not days of the"),
    (day("at = '07:00'\ndays = []"), "day 1 (at 07:00): days []: not days of the week; write mon"),
    (day("at = '07:00'\nvolume = 2"), "day 1 (at 07:00): volume: 2 is out of range; give a number"),
    (day("at = '07:00'\ntempo = [90, 60]"), "day 1 (at 07:00): tempo [90, 60] is not a range"),
    (day("at = '07:00'\ntempo = [1, 60]"), "day 1 (at 07:00): slowest: 1 is out of range"),
    (day("at = '07:00'\nenergy = [0, 2]"), "day 1 (at 07:00): energy [0, 2] is out of range"),
    (day("at = '07:00'\nsilence = 1"), "day 1 (at 07:00): silence 1 is neither true nor false"),
    (day("at = '07:00'\nname = ''"), "day 1 (at 07:00): name '' is not a text of 1 to 60 letters"),
    (day("at = '07:00'\nstyle = 'polka'"), "day 1 (at 07:00): style 'polka': voice commons has"),
    (day("at = '07:00'\nvoice = 'none'"), "day 1 (at 07:00): voice 'none': unknown"),
    (day("at = '07:00'\nvoice = 'wave'"), "day 1 (at 07:00): voice wave makes sound, not notes"),
    (
        day("at = '07:00'", "at = '7:00'\ndays = 'sat'"),
        "day 1 and day 2 both begin at 07:00 on sat; give one of them another time, or other days",
    ),
    (day("at = 'sunset'"), "day 1 (at sunset): needs [place] with latitude and longitude"),
    (
        day("at = '07:00'", place="[place]\nlatitude = 91\nlongitude = 0"),
        "place: latitude 91 is not",
    ),
    (day("at = '07:00'", place="[place]\nlatitude = 1"), "place: give both latitude and longitude"),
    (day("at = '07:00'", place="[place]\ntimezone = 'Mars'"), "place: timezone 'Mars' is unknown;"),
    (day("at = '07:00'", place="[place]\nhigh = 1"), "place: 'high': unknown key; known are"),
    (
        day("at = 'sunrise'", place="[place]\nlatitude = 78\nlongitude = 15"),
        "day 1 (at sunrise): latitude 78 has no sunrise on",
    ),
    ("\n".join("[[day]]\nat = '07:00'" for _ in range(65)), "day: 65 entries; give at most 64"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_is_wrong_is_told_in_one_line(text, message):
    pytest.importorskip("astral")
    with pytest.raises(SettingsError) as told:
        checked_plan(settings(text))
    assert str(told.value).startswith(message)


def test_a_library_that_is_missing_is_told_with_its_remedy(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(SettingsError, match=r"day 1 \(at sunset\): astral is not installed; run: "):
        plan_of(settings(day("at = 'sunset'", place=PLACE)))


def test_it_is_refused_before_anything_plays(tmp_path, capsys):
    path = tmp_path / "day.toml"
    path.write_text(day("at = '25:00'"))
    for command in (
        ["play", "--out", "null", "--config"],
        ["config", "--check"],
        ["day", "--config"],
    ):
        assert main([*command, str(path)]) == 2
        assert capsys.readouterr().err.startswith("perpetuum: day 1: at '25:00': not a time")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("day = 3", "day: not a list of tables; write [[day]] above each entry"),
        ("place = 3", "place: not a table; write [place] on a line of its own"),
    ],
)
def test_tables_are_tables(tmp_path, text, message):
    path = tmp_path / "day.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as told:
        load(path, {})
    assert str(told.value).endswith(message)


def test_what_is_shown_of_it_is_read_again(tmp_path):
    path = tmp_path / "day.toml"
    path.write_text(SUNNY)
    found = load(path, {})
    path.write_text(shown(found))
    assert load(path, {}) == found
    assert len(found.day) == 3


def test_the_entry_of_now_plays_from_the_start():
    found = today(settings(day("at = '00:00'\nvoice = 'chorale'\nenergy = 0.9\nstyle = 'bach'")))
    assert (found.settings.voice, found.settings.energy) == ("chorale", 0.9)
    assert (found.usual.voice, found.usual.energy) == ("commons", 0.5)


def test_the_command_lists_today_and_a_week(tmp_path, capsys):
    path = tmp_path / "day.toml"
    text = day("at = '08:00'\nname = 'Work'\ntempo = 100", "at = '20:00'\nsilence = true")
    path.write_text(text)
    assert main(["day", "--config", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("* ") for line in lines) == 1
    assert sum("08:00  Work: all styles, 100 bpm" in line for line in lines) >= 7
    assert sum("20:00  Evening: silence" in line for line in lines) >= 7
    assert main(["day"]) == 2
    assert "there is no plan; add [[day]]" in capsys.readouterr().err


@given(st.frozensets(st.integers(0, 6), min_size=1))
def test_days_are_written_as_they_are_read(days):
    assert parse_days(days_text(days) or "mon-sun", "day") == days


@given(st.integers(0, 6), st.integers(0, 6))
def test_a_range_of_days_may_pass_the_weekend(first, last):
    found = parse_days(f"{NAMES[first]}-{NAMES[last]}", "day")
    assert {first, last} <= found
    assert len(found) == (last - first) % 7 + 1


@given(st.integers(-720, 720), st.sampled_from(["sunrise", "sunset"]))
def test_starts_are_written_as_they_are_read(minutes, event):
    assert parse_start(str(Start(minutes, event)), "day") == Start(minutes, event)
    assert parse_start(str(Start(abs(minutes))), "day") == Start(abs(minutes))
