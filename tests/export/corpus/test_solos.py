"""Performances cut into parts."""

import numpy as np
import pytest

from export.corpus.solos import MOST, PART_BARS, changes_bars, choruses, sixteen_bars
from stream.compose.tunes.tune import Tune
from stream.music.note import Note


def solo(bars, **fields):
    """Two notes a bar of 4/4, a little late, on the first and third beat, from bar 1 on."""
    onset = np.arange(2 * bars) * 96
    given = {"title": "s", "style": "jazz", "group": 1, "bar": 192} | fields
    tune = Tune(tuple(Note(int(t) + 5, 90, 60 + i % 12) for i, t in enumerate(onset)), **given)
    return tune, onset // 192 + 1, np.tile([1, 3], bars)


def cut(parts):
    return [(p.title, len(p.notes), p.notes[0].onset, p.downbeat) for p in parts]


@pytest.mark.parametrize(
    ("chorus", "bars"),
    [
        # As many whole choruses as fit.
        (12, 36),
        (16, 32),
        (32, 32),
        (8, 32),
        (48, 48),
        # No form is known, or none that is a chorus.
        (0, PART_BARS),
        (4, PART_BARS),
        (2 * MOST + 1, PART_BARS),
    ],
)
def test_a_part_is_whole_choruses(chorus, bars):
    tune, bar, beat = solo(100)
    parts = cut(choruses(tune, bar, beat, chorus))
    assert parts == [
        (f"s, bar {1 + at}", 2 * min(bars, 100 - at), 5, 0) for at in range(0, 100, bars)
    ]


def test_a_part_begins_at_a_bar_line_with_its_chords():
    tune, bar, beat = solo(20, chords=((0, 1), (16 * 192, 8)))
    first, second = sixteen_bars(tune, bar, beat)
    # Bars are counted from 1, parts from bar 0.
    assert (len(first.notes), len(second.notes)) == (30, 10)
    assert first.chords == ((0, 1), (3072, 8))
    assert second.notes[0].onset == 5
    assert second.chords == ((-15 * 192, 1), (192, 8))


def test_a_part_that_begins_on_another_beat_keeps_its_place_in_the_bar():
    tune, bar, beat = solo(4)
    (part,) = choruses(Tune(tune.notes[1:], "s", "jazz", 1, 192), bar[1:], beat[1:], 12)
    assert part.notes[0].onset == 96 + 5


def test_a_performance_without_bars_is_left_out():
    tune, bar, beat = solo(4, bar=0)
    assert list(sixteen_bars(tune, bar, beat)) == list(choruses(tune, bar, beat, 12)) == []


@pytest.mark.parametrize(
    ("changes", "bars"),
    [
        ("", 0),
        ("A1: ||C7 |F7 |C7 |C7 ||", 4),
        ("A1: ||C7 |F7 ||\nA2: ||C7 |C7 |G7 ||\n", 5),
        ("A1: ||C-7 F7 |  |Bbj7 ||", 2),
        ("no bars", 0),
    ],
)
def test_bars_of_a_chorus(changes, bars):
    assert changes_bars(changes) == bars
