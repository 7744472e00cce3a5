"""Parallels, mended by rule."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.companions.four_parts.mending import mended
from stream.compose.companions.four_parts.texture import parallels

LIMITS = {1: (53, 76), 2: (45, 69), 3: (36, 62)}


def struck(pitches):
    return np.ones(pitches.shape, bool)


def test_mends_parallel_octaves_by_a_tone_of_the_chord():
    pitches = np.array([[67, 64, 60, 48], [69, 65, 60, 53], [71, 67, 62, 55], [72, 67, 64, 60]])
    assert parallels(pitches)
    found = np.array(mended(pitches, struck(pitches), LIMITS))
    assert not parallels(found)
    np.testing.assert_array_equal(found[:, 0], pitches[:, 0])


def test_leaves_a_setting_without_parallels_as_it_is():
    pitches = np.array([[67, 64, 60, 48], [69, 65, 60, 53], [67, 62, 59, 55], [67, 64, 60, 48]])
    assert not parallels(pitches)
    assert mended(pitches, struck(pitches), LIMITS) == pitches.tolist()


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_frames_have_no_parallels(count):
    pitches = np.full((count, 4), 60)
    assert mended(pitches, struck(pitches), LIMITS) == pitches.tolist()


@given(st.integers(0, 2**32 - 1))
def test_keeps_rests_limits_and_held_notes(seed):
    rng = np.random.default_rng(seed)
    every = np.stack([rng.integers(*limits, 8) for limits in ((60, 79), *LIMITS.values())], 1)
    every[rng.random(every.shape) < 0.1] = 0
    pitches = np.repeat(every, 2, 0)
    begins = np.diff(pitches, axis=0, prepend=0) != 0
    found = np.array(mended(pitches, begins, LIMITS))
    assert ((found == 0) == (pitches == 0)).all()
    np.testing.assert_array_equal(found[::2], found[1::2])
    for part, (low, high) in LIMITS.items():
        sounding = found[found[:, part] > 0, part]
        assert ((sounding >= low) & (sounding <= high)).all()
    assert len(parallels(found)) <= len(parallels(pitches))
