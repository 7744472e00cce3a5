"""The day of a performance in virtual time: when it changes, and what is heard then."""

import itertools
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.day.plan import entry_at
from stream.play.agenda.agenda import MARGIN_SECONDS
from stream.play.queue.listening import LOOKAHEAD_SECONDS
from tests.stream.play.agenda.days import BEGIN, Days, _long_steps, entry, replaced

__all__ = ["_long_steps"]

HOUR = 3600.0
WEEK = (
    entry("06:30", "mon-fri", energy=0.6, slowest=90.0, fastest=130.0),
    entry("09:00", "sat, sun", energy=0.3),
    entry("13:00", silent=True),
    entry("14:00", energy=0.5, volume=0.8),
    entry("19:00", energy=0.2, volume=0.5),
    entry("23:00", silent=True),
)


def heard(days, slot):
    """The entries whose controls a slot may have: those that held shortly before it began."""
    plan, configured = days.agenda.day.plan, days.agenda.day._configured
    at = days.wall.at(slot.start)
    for before in (0.0, MARGIN_SECONDS, LOOKAHEAD_SECONDS + 1):
        held = entry_at(plan, at - timedelta(seconds=before)).entry
        yield held, replaced(configured, **plan.values(held, configured))


def check(days):
    """Every tune sounds as one entry says, and none begins in a silence."""
    for tune in days.tunes():
        opening = tune[0]
        assert {slot.controls.energy for slot in tune} == {opening.controls.energy}
        expected = [
            replaced(controls, volume=1.0)
            for held, controls in heard(days, opening)
            if not held.silent
        ]
        assert replaced(opening.controls, volume=1.0) in expected
    assert not any(slot.repeat for slot in days.slots())


def test_a_week_with_a_day():
    days = Days(*WEEK)
    days.run(7 * 24 * HOUR)
    check(days)
    tunes = days.tunes()
    assert len(tunes) > 500
    starts = {days.wall.at(tune[0].start) for tune in tunes}
    for day in range(1, 6):
        noon = BEGIN + timedelta(days=day)
        for at, music in ((1.0, False), (2.0, True), (7.0, True), (11.0, False)):
            begin = noon + timedelta(hours=at)
            soon = [each for each in starts if begin <= each < begin + timedelta(seconds=5)]
            later = [each for each in starts if begin < each < begin + timedelta(minutes=50)]
            assert len(soon) == 1 or at != 2.0
            assert bool(later) == music
    energies = {slot.controls.energy for slot in days.slots()}
    assert energies == {0.6, 0.3, 0.5, 0.2}
    assert days.performance.stats.repeats == 0


def test_a_change_waits_for_the_end_of_the_tune():
    days = Days(entry("00:00", energy=0.5), entry("12:03", energy=0.1))
    days.run(1200.0)
    tunes = days.tunes()
    assert [[slot.controls.energy for slot in tune] for tune in tunes] == [[0.5] * 3, [0.1] * 2]
    assert tunes[1][0].start == pytest.approx(tunes[0][-1].end)


def test_after_a_start_in_silence_the_music_comes_in_time():
    days = Days(entry("08:00", silent=True), entry("13:00", energy=0.9), fade_in=10.0)
    days.run(3590.0)
    assert days.agenda.silent
    assert not days.link.requests
    days.run(300.0)
    (tune,) = days.tunes()
    assert days.wall.at(tune[0].start) - BEGIN == pytest.approx(
        timedelta(hours=1), abs=timedelta(seconds=1)
    )
    assert tune[0].controls.energy == 0.9
    levels = [
        m.value for _, m in days.tapes[0].sent if m.type == "control_change" and m.control == 7
    ]
    assert levels[0] == 0
    assert levels == sorted(levels)
    assert levels[-1] == 100


def test_silence_begins_with_the_end_of_a_tune_and_stops_nothing():
    days = Days(entry("08:00", energy=0.4), entry("12:04", silent=True), entry("13:00"))
    days.run(1800.0)
    (tune,) = days.tunes()
    assert tune[-1].end == pytest.approx(days.slots()[0].start + 602.0)
    sounding = [m.type for _, m in days.tapes[0].sent if m.type in {"note_on", "note_off"}]
    assert sounding.count("note_on") == sounding.count("note_off") == 7
    assert days.steps < 200


def test_the_clock_is_set_and_the_day_goes_by_it():
    days = Days(entry("08:00", energy=0.4), entry("20:00", silent=True))
    days.run(60.0)
    days.set_clock(BEGIN + timedelta(hours=9))
    days.run(1000.0)
    assert days.agenda.silent
    assert len(days.tunes()) == 1
    days.set_clock(BEGIN + timedelta(days=300))
    days.run(5.0)
    assert len(days.tunes()) == 2


def test_a_person_overrules_the_day_until_the_next_entry():
    days = Days(entry("08:00", energy=0.4), entry("12:30", energy=0.1), entry("13:30", energy=0.8))
    days.run(10.0)
    days.performance.change(replaced(days.performance.refill.controls, swing=0.3))
    assert not days.agenda.day_document()["overruled"]
    days.performance.change(replaced(days.performance.refill.controls, energy=1.0))
    assert days.agenda.day_document()["overruled"]
    days.run(2700.0)
    assert not days.agenda.day_document()["overruled"]
    assert days.slots()[-1].controls.energy == 0.1
    days.agenda.overrule_day()
    days.run(HOUR)
    assert days.slots()[-1].controls.energy == 0.8
    assert days.slots()[-1].controls.swing == 0.3


def test_what_a_person_moves_before_an_entry_is_heard_stays():
    days = Days(entry("08:00", energy=0.4), entry("12:01", energy=0.1, density=-0.5))
    days.run(90.0)
    days.performance.change(replaced(days.performance.refill.controls, energy=0.9))
    days.run(700.0)
    sounding = days.slots()[-1].controls
    assert (sounding.energy, sounding.density) == (0.9, -0.5)


def test_a_person_who_wants_music_gets_it_in_a_silence():
    days = Days(
        entry("08:00", silent=True), entry("14:00", energy=0.2), entry("15:00", silent=True)
    )
    days.run(30.0)
    days.agenda.play()
    days.run(30.0)
    assert days.performance.queue.current is not None
    assert days.agenda.day_document()["overruled"]
    days.run(2 * HOUR)
    assert days.slots()[-1].controls.energy == 0.2
    days.run(HOUR + 1200)
    assert days.agenda.silent
    days.agenda.day.follow()
    days.run(60.0)
    assert days.agenda.silent


def test_the_volume_of_an_entry_comes_with_its_first_note():
    days = Days(entry("08:00"), entry("12:04", volume=0.5))
    days.run(590.0)
    assert not any(m.type == "control_change" for _, m in days.tapes[0].sent)
    days.run(30.0)
    levels = [m.value for _, m in days.tapes[0].sent if m.type == "control_change"]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] == 50
    assert levels[0] > 90


def test_a_plan_of_voices_changes_the_composer():
    days = Days(entry("08:00"), entry("12:04", voice="chorale"), voice="commons")
    changed, headers = [], []
    days.link.change = changed.append
    days.keeper.change = headers.append
    days.run(900.0)
    (command,) = changed
    assert "chorale" in command[-1]
    assert [header.voice for header in headers] == ["chorale"]
    assert days.performance.voice.name == "chorale"


@given(st.lists(st.tuples(st.floats(1, 5000), st.integers(-(10**7), 10**7)), max_size=8))
@settings(max_examples=25, deadline=None)
def test_whatever_the_clock_does_the_entry_of_the_clock_is_heard_after_a_tune(jumps):
    days = Days(*WEEK)
    for seconds, jump in jumps:
        days.run(seconds)
        days.set_clock(days.wall.now() + timedelta(seconds=jump))
    days.run(700.0)
    held = entry_at(days.agenda.day.plan, days.wall.now())
    assert days.agenda.day.holding == held
    document = days.agenda.day_document()
    assert document["entries"][document["current"]]["silent"] == held.entry.silent
    if days.wall.now() - held.since > timedelta(seconds=620):
        assert not days.agenda.day.pending
        assert days.agenda.silent == held.entry.silent
    assert days.performance.stats.repeats == 0


def test_its_sentence_says_why():
    days = Days(entry("08:00", energy=0.2, slowest=60.0, fastest=90.0), entry("19:00", silent=True))
    days.run(10.0)
    document = days.agenda.day_document()
    assert document["sentence"] == "08:00, since 08:00: calm, all styles, 60 bpm."
    assert [(each["at"], each["minute"]) for each in document["entries"]] == [
        ("19:00", 0),
        ("08:00", 480),
        ("19:00", 1140),
    ]
    assert document["current"] == 1
    pairs = itertools.pairwise(each["minute"] for each in document["entries"])
    assert all(one < other for one, other in pairs)


def test_a_tempo_of_a_person_is_not_mixed_with_one_of_the_day():
    calm = entry("12:01", slowest=40.0, fastest=60.0, energy=0.2)
    days = Days(entry("08:00"), calm)
    days.run(90.0)
    present = days.performance.refill.controls
    days.performance.change(replaced(present, bpm=0.0, slowest=100.0, fastest=140.0))
    days.run(700.0)
    sounding = days.slots()[-1].controls
    assert (sounding.slowest, sounding.fastest, sounding.energy) == (100.0, 140.0, 0.2)


def test_files_of_the_day_are_named_without_their_folders(tmp_path):
    band = tmp_path / "band.toml"
    band.write_text('title = "B"\n[parts.lead]\nprogram = 1\n')
    own = entry("08:00", voice="/secret/own.onnx", ensemble=str(band))
    days = Days(own, voice="commons")
    sentence = days.agenda.day_document()["sentence"]
    assert "voice own" in sentence
    assert "ensemble band" in sentence
    assert str(tmp_path) not in sentence
    band.unlink()
    days.run(10.0)
    assert days.performance.queue.current is not None
    assert any("day: " in notice for notice in days.onlooker.notices)
