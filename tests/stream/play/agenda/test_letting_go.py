"""Letting the music go, and coming back: the sleep timer, `minutes`, fades, and spaced tunes."""

import dataclasses
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.play.agenda.ending import USUAL_FADE
from tests.data.stage import SESSION, Stage
from tests.stream.play.agenda.days import BEGIN, Days, _long_steps, entry

__all__ = ["_long_steps"]

BAR = 2.0
"""Seconds of a bar of the stage's music: 120 quarter notes a minute."""


def levels(stage):
    return [
        (time, m.value)
        for time, m in stage.tapes[0].sent
        if m.type == "control_change" and m.control == 7
    ]


def onsets(stage):
    return [time for time, m in stage.tapes[0].sent if m.type == "note_on"]


def left(stage):
    """Notes that still sound."""
    sounding = set()
    for _, message in stage.tapes[0].sent:
        if message.type in {"note_on", "note_off"}:
            change = sounding.add if message.type == "note_on" else sounding.discard
            change((message.channel, message.note))
    return sounding


def ends_on_a_cadence(stage):
    """The last phrase that was played was played whole."""
    slot = stage.performance.queue.current
    assert slot.finish == slot.source.length
    assert not stage.performance.queue.upcoming
    assert left(stage) == set()
    return slot


def test_sleep_fades_to_the_end_of_a_phrase():
    stage = Stage()
    stage.run(10.0)
    stage.performance.agenda.sleep(1.0)
    end = stage.clock.now + 60.0
    assert stage.performance.agenda.sleep_document() == {"end": end, "asleep": False}
    stage.run(120.0)
    slot = ends_on_a_cadence(stage)
    assert slot.start < end <= slot.end or slot.source.closing
    assert end - USUAL_FADE < slot.end < end + 8.0
    values = [value for _, value in levels(stage)]
    assert values == sorted(values, reverse=True)
    assert values[-1] <= 1
    assert max(one - other for one, other in itertools.pairwise(values)) <= 2
    assert stage.performance.agenda.sleep_document() == {"end": None, "asleep": True}
    assert stage.performance.stats.repeats == 0
    assert not stage.performance.finished


def test_sleep_ends_with_a_tune_that_ends_within_the_fade():
    stage = Days()
    stage.run(10.0)
    first_tune = 602.0
    stage.performance.agenda.sleep((first_tune + 20.0) / 60)
    stage.run(1000.0)
    slot = ends_on_a_cadence(stage)
    assert slot.source.closing
    assert slot.end - stage.slots()[0].start == pytest.approx(first_tune)
    assert [value for _, value in levels(stage)][-1] <= 1


def test_who_is_awake_again_hears_a_new_tune_at_full_level():
    stage = Stage()
    stage.run(3.0)
    stage.performance.agenda.sleep(0.5)
    stage.run(120.0)
    heard, tunes = len(onsets(stage)), stage.performance.queue.current.phrase.tune
    stage.performance.resume()
    stage.performance.agenda.play()
    stage.run(5.0)
    assert len(onsets(stage)) > heard
    assert stage.performance.queue.current.phrase.tune == tunes + 1
    assert levels(stage)[-1][1] == 100
    assert stage.performance.agenda.sleep_document() is None


def test_a_timer_that_is_cancelled_brings_the_level_back():
    stage = Stage()
    stage.run(3.0)
    stage.performance.agenda.sleep(1.0)
    stage.run(50.0)
    assert levels(stage)[-1][1] < 60
    stage.performance.agenda.sleep(0)
    stage.run(60.0)
    assert levels(stage)[-1][1] == 100
    assert stage.performance.agenda.sleep_document() is None
    assert onsets(stage)[-1] > stage.clock.now - 3


def test_a_pause_holds_the_fade_and_the_timer_ends_in_it():
    stage = Stage()
    stage.run(3.0)
    stage.performance.agenda.sleep(1.0)
    stage.run(45.0)
    before = levels(stage)[-1][1]
    stage.performance.pause()
    stage.run(5.0)
    stage.performance.resume()
    stage.run(1.0)
    assert before - 6 <= levels(stage)[-1][1] <= before
    stage.performance.pause()
    stage.run(100.0)
    assert stage.performance.agenda.asleep
    stage.performance.resume()
    stage.performance.agenda.play()
    stage.run(10.0)
    assert levels(stage)[-1][1] == 100


def test_minutes_end_with_a_fade_and_then_the_player_does():
    stage = Stage(dataclasses.replace(SESSION, minutes=1.0, fade=20.0))
    stage.run(200.0)
    assert stage.performance.finished
    slot = ends_on_a_cadence(stage)
    began = onsets(stage)[0]
    assert 40.0 <= slot.end - began <= 60.0 + 8.0
    assert levels(stage)[-1][1] <= 1
    assert levels(stage)[0][0] >= began + 39.9


def test_minutes_without_a_fade_end_as_ever():
    stage = Stage(dataclasses.replace(SESSION, minutes=0.5))
    stage.run(100.0)
    assert stage.performance.finished
    assert levels(stage) == []


def test_the_music_fades_in():
    stage = Stage(dataclasses.replace(SESSION, fade_in=10.0))
    stage.run(20.0)
    began = onsets(stage)[0]
    found = levels(stage)
    assert found[0] == (began, 0)
    values = [value for _, value in found]
    assert values == sorted(values)
    assert found[-1][1] == 100
    assert found[-1][0] - began == pytest.approx(10.0, abs=0.3)


def test_tunes_are_spaced():
    stage = Stage(dataclasses.replace(SESSION, every=2.0))
    stage.run(600.0)
    starts = {}
    for slot in stage.keeper.kept:
        starts.setdefault(slot.phrase.tune, slot.start)
    began = list(starts.values())
    assert len(began) >= 4
    assert [one - began[0] for one in began] == pytest.approx(
        [120.0 * n for n in range(len(began))]
    )
    assert stage.performance.stats.repeats == 0
    assert stage.steps < 6000


def test_next_does_not_wait_for_the_time_of_a_tune():
    stage = Stage(dataclasses.replace(SESSION, every=5.0))
    stage.run(100.0)
    assert onsets(stage)[-1] < stage.clock.now - 10
    stage.performance.agenda.play()
    stage.run(3.0)
    assert onsets(stage)[-1] > stage.clock.now - 3


def test_who_sleeps_in_the_evening_is_woken_in_the_morning_and_not_before():
    evening = entry("18:00"), entry("00:30", energy=0.2), entry("02:00", silent=True)
    days = Days(*evening, entry("07:00", energy=0.6), fade_in=120.0)
    days.run(10.0)
    days.agenda.sleep(11.9 * 60)  # at midnight
    days.run(13 * 3600.0)
    assert days.agenda.asleep
    days.run(6 * 3600.0 - 60)
    assert days.agenda.asleep
    days.run(120.0)
    assert not days.agenda.asleep
    slot = days.slots()[-1]
    assert days.wall.at(slot.start) > BEGIN.replace(day=1, month=12, hour=7)
    assert slot.controls.energy == 0.6
    assert levels(days)[-1][1] < 100


@given(st.floats(0.02, 3), st.floats(1, 90), st.floats(0, 40))
@settings(max_examples=30, deadline=None)
def test_whenever_it_ends_it_ends_whole_and_softly(minutes, fade, begun):
    stage = Stage(dataclasses.replace(SESSION, fade=fade))
    stage.run(begun + 1)
    stage.performance.agenda.sleep(minutes)
    end = stage.clock.now + 60 * minutes
    stage.run(60 * minutes + 30)
    slot = ends_on_a_cadence(stage)
    assert min(end - fade, end) - 1 < slot.end < end + 8.1
    values = [value for _, value in levels(stage)]
    assert values[-1] <= 2
    assert values == sorted(values, reverse=True)
    assert stage.performance.stats.repeats == 0
