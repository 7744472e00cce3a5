"""Splice points: which ones a queue has, and how one is found again."""

import dataclasses

import pytest

from stream.music.note import Controls, Note, Phrase
from stream.play.observer import Slot
from stream.play.queue.splice_points import (
    SplicePoint,
    bar_lines,
    next_splice_point,
    onsets,
    relocated,
)

NOTES = (Note(0, 96, 60), Note(96, 24, 62), Note(120, 100, 64), Note(250, 38, 65))
SOURCE = Phrase(NOTES, 384, 120.0, index=0, tune=0, style="", voice="", seed=0)


def slot(start, begin=0, finish=384, **changes):
    """A part of the source: a second has 96 ticks."""
    phrase = dataclasses.replace(SOURCE, length=finish - begin)
    made = Slot(phrase, start, start + (finish - begin) / 96, source=SOURCE, controls=Controls())
    return dataclasses.replace(made, begin=begin, finish=finish, **changes)


def test_bars_are_counted_from_the_end_of_a_phrase():
    assert list(bar_lines(SOURCE)) == [0, 192]
    assert list(bar_lines(dataclasses.replace(SOURCE, length=400))) == [16, 208]
    assert onsets(SOURCE) == [0, 96, 120, 250]


@pytest.mark.parametrize(
    ("after", "places", "tick", "time"),
    [
        (9.0, bar_lines, 0, 10.0),
        (10.0, bar_lines, 192, 12.0),
        (11.99, bar_lines, 192, 12.0),
        (12.0, bar_lines, 0, 14.0),
        (10.0, onsets, 96, 11.0),
        (11.0, onsets, 120, 11.25),
        (11.25, onsets, 250, 10.0 + 250 / 96),
        (16.0, bar_lines, None, None),
    ],
)
def test_the_next_seam_is_later_than_a_time(after, places, tick, time):
    slots = [slot(10.0), slot(14.0, finish=192)]
    found = next_splice_point(slots, after, places)
    if tick is None:
        assert found is None
    else:
        assert (found.tick, found.time) == (tick, pytest.approx(time))
        assert found.slot is slots[time >= 14.0]


def test_a_part_has_seams_from_its_own_begin_to_its_finish():
    part = slot(10.0, begin=96, finish=250)
    assert next_splice_point([part], 9.0, onsets) == SplicePoint(part, 96, 10.0)
    assert next_splice_point([part], 10.0, onsets) == SplicePoint(part, 120, pytest.approx(10.25))
    assert next_splice_point([part], 10.25, onsets) is None


def test_what_nobody_knows_how_to_arrange_has_no_seam():
    slots = [slot(10.0, source=None), slot(14.0, controls=None), slot(18.0)]
    assert next_splice_point(slots, 9.0, bar_lines) == SplicePoint(slots[2], 0, 18.0)


def test_a_swing_moves_seams_as_it_moves_notes():
    swung = slot(10.0, controls=Controls(swing=1 / 3))
    (first, second) = (
        next_splice_point([swung], after, lambda _: [24, 48]).time for after in (10.0, 10.34)
    )
    assert (first, second) == (pytest.approx(10 + 32 / 96), pytest.approx(10.5))


def test_a_seam_is_found_again_where_its_tick_is_now():
    splice_point = SplicePoint(slot(10.0), 120, 11.25)
    parts = [slot(20.0, finish=96), slot(30.0, begin=96, finish=384)]
    assert relocated(splice_point, parts) == SplicePoint(parts[1], 120, pytest.approx(30.25))
    assert relocated(dataclasses.replace(splice_point, tick=96), parts).slot is parts[1]
    assert relocated(dataclasses.replace(splice_point, tick=384), parts) is None
    assert relocated(splice_point, parts[:1]) is None


def test_a_repeat_or_another_phrase_is_another_place():
    splice_point = SplicePoint(slot(10.0), 120, 11.25)
    other = dataclasses.replace(SOURCE)
    assert relocated(splice_point, [slot(20.0, repeat=True)]) is None
    assert relocated(splice_point, [slot(20.0, source=other)]) is None
    assert relocated(splice_point, [slot(20.0, controls=None)]) is None
