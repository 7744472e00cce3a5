"""A part a minor second or ninth from the lead for a beat is a clash."""

import numpy as np
import pytest

from stream.compose.companions.four_parts.rules import clashes


@pytest.mark.parametrize(
    ("apart", "frames", "count"),
    [(1, 4, 1), (13, 6, 1), (-1, 4, 1), (1, 3, 0), (11, 8, 0), (12, 8, 0), (2, 8, 0)],
)
def test_a_rough_beat_is_counted_once(apart, frames, count):
    parts = np.tile([72, 67, 60, 48], (16, 1))
    parts[4 : 4 + frames, 2] = 72 - apart
    assert clashes(parts, 4) == count


def test_a_rest_does_not_clash():
    parts = np.zeros((16, 4), np.int64)
    parts[:, 1] = 1
    assert clashes(parts, 4) == 0
