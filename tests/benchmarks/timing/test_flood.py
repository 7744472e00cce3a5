"""The slices of notes, and missed goals."""

import pytest

from benchmarks.record import Readings
from benchmarks.timing.flood import FLOODED, MOVED, QUIET, by_kind, lateness


def test_notes_are_counted_by_the_slice_in_which_they_are_due():
    due = [99.0, 101.5, 102.5, 105.0, 111.9, 115.0, 125.0, 135.0, 165.0]
    came = [at + 0.001 * number for number, at in enumerate(due)]
    begins = [True, True, False, True, True, True, True, True, True]
    found = by_kind(due, came, begins, (100.0, 10.0, 4))
    # What ends a note, and what is due before, after or at the edge of the slices, does not count.
    assert {kind: readings.values for kind, readings in found.items()} == {
        QUIET: pytest.approx((1.0, 3.0, 7.0)),
        FLOODED: pytest.approx((4.0, 5.0)),
        MOVED: pytest.approx((6.0,)),
    }


@pytest.mark.parametrize(("value", "verdict"), [(1.2, "met"), (1.21, "missed")])
def test_a_goal_that_is_missed_is_marked(value, verdict):
    kinds = {QUIET: Readings((1.0,)), FLOODED: Readings((value,)), MOVED: Readings((1.0,))}
    goals = [(r.set, r.measure, r.paper) for r in lateness("perpetuum", "x", kinds) if r.paper]
    assert goals == [
        ("x: flooded / quiet", "lateness, p99", f"at most 1.2 ({verdict})"),
        ("x: flooded, and moved by it / quiet", "lateness, p99", "at most 1.2 (met)"),
    ]
    assert not any(record.paper for record in lateness("bare sleep loop", "x", kinds))
