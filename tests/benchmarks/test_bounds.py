"""Bounds that are missed are marked."""

import pytest

from benchmarks.bounds import is_missed, marked


@pytest.mark.parametrize(
    ("value", "beside", "missed"),
    [
        (0.6, "at most 0.6", False),
        (0.61, "at most 0.6", True),
        (0.7, "at most 0.75; 300 excerpts", False),
        (0.8, "at most 0.75; 300 excerpts", True),
        (399, "at least 400", True),
        (1200, "at least 1,000", False),
        (-4.3, "at least -4.2", True),
        (2e-4, "at most 1e-4", True),
        (2.0, "below 2", True),
        (0.0, "above 0", True),
        (1.0, "more than 1", True),
        (0.75, "<= 0.75", False),
        (5.0, "paper 0.81", False),
        (5.0, "at most what real tunes have", False),
        (5.0, "", False),
    ],
)
def test_a_bound_at_the_head_is_read(value, beside, missed):
    assert is_missed(value, beside) is missed
    assert ("(missed)" in marked(value, beside)) is missed


def test_the_mark_follows_the_bound_and_comes_once():
    assert marked(0.8, "at most 0.75; of 300") == "at most 0.75 (missed); of 300"
    for text in ("at most 0.75 (missed); of 300", "at most 0.75 (met)"):
        assert marked(0.8, text) == text
