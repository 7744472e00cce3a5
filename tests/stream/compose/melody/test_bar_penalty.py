import itertools

import numpy as np
import pytest

from stream.compose.melody.bar_penalty import FAULT, SURPRISE, USUAL, BarPenalty
from stream.compose.melody.guide import by_onset
from stream.compose.melody.interval_chain import CLASSES, EIGHTHS
from stream.compose.melody.sampler import LENGTHS
from stream.compose.melody.vocabulary import REST
from tests.stream.compose.melody.outlines import bar_of, outline_of

FORM = outline_of("4x24;;;0;0;0;4;. ~1 . =3;")
A, B, LOW = bar_of(0, 2, 4, 5), bar_of(0, 2, 4, 4), bar_of(-12, -10, -8, -7)
BEYOND = 8 - USUAL
"""Bits that an interval of `steps` costs beyond the usual."""


def penalty(bars, chain=None, form=FORM):
    events = by_onset(itertools.chain.from_iterable(bars), LENGTHS)
    return BarPenalty(form, chain)(events, len(bars) - 1)


def steps(*cheap):
    """A table in which all intervals but the `cheap` ones take eight bits after any others."""
    table = np.full((CLASSES,) * 3, 8 * EIGHTHS, np.uint8)
    for interval in cheap:
        table[:, :, 12 + interval] = 0
    return table


def test_a_bar_as_the_outline_says_has_none():
    assert penalty([A]) == 0
    assert penalty([A, B]) == 0


@pytest.mark.parametrize(
    ("bars", "faults"),
    [
        ([LOW], 3),  # three classes too low
        ([bar_of(0, 2, 4, None)], 1),
        ([bar_of(None, None, None, None)], 4),
        ([A, A], 1),  # not varied
        ([A, bar_of(11, 12, 9, 7)], 2 + 3),  # nothing in common, and too high
    ],
)
def test_each_fault_counts(bars, faults):
    assert penalty(bars) == pytest.approx(FAULT * faults)


def test_a_bar_beyond_the_outline_has_none():
    assert penalty([A, B, A, A, LOW]) == 0


def test_intervals_count_from_the_fourth_note_of_a_tune_on():
    table = steps(2, 1)
    assert penalty([A], table) == 0
    assert penalty([bar_of(0, 2, 4, 1)], table) == pytest.approx(SURPRISE * BEYOND)
    # Only those of the last bar, and the one over the bar line before it.
    two = [bar_of(0, 7, 2, 9), bar_of(5, 7, 9, 11)]
    free = penalty(two)
    assert penalty(two, table) == pytest.approx(free + SURPRISE * BEYOND)


def test_a_rest_is_passed_over():
    table = steps(2)
    assert penalty([bar_of(0, 2, None, 4)], table) == penalty([bar_of(0, 2, None, 4)])


def test_the_first_note_of_a_copy_is_known():
    bars, table = [bar_of(0, 1, 3, 4), bar_of(0, 2, 4, 7), bar_of(5, 7, 9, 11)], steps(2)
    # The fourth bar copies the first: from 11 to 0.
    assert penalty(bars, table) - penalty(bars) == pytest.approx(SURPRISE * BEYOND * 2)
    silent = [[(REST, 8, 8), *bars[0][2:]], *bars[1:]]
    assert penalty(silent, table) - penalty(silent) == pytest.approx(SURPRISE * BEYOND)
