import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from stream.compose.audio.limiter import FULL_SCALE, HIGHEST, KNEE, finite, limited, pcm

anything = hnp.arrays(
    np.float32,
    st.integers(0, 64),
    elements=st.floats(width=32, allow_nan=True, allow_infinity=True),
)


@given(anything)
def test_whatever_comes_only_sound_leaves(samples):
    with np.errstate(all="raise"):
        made = limited(samples)
        words = np.frombuffer(pcm(samples), "<i2")
    assert np.isfinite(made).all()
    assert (np.abs(made) <= 1).all()
    assert (np.abs(words.astype(int)) <= FULL_SCALE).all()
    assert (made[~np.isfinite(samples)] == 0).all()


@given(anything)
def test_what_is_not_too_loud_is_left_alone(samples):
    quiet = np.clip(np.nan_to_num(samples), -KNEE, KNEE)
    np.testing.assert_array_equal(limited(quiet), quiet)


def test_the_knee_has_no_corner_and_louder_stays_louder():
    ramp = np.linspace(-3, 3, 60001, dtype=np.float32)
    made = limited(ramp)
    slope = np.diff(made) / np.diff(ramp)
    assert (slope >= 0).all()
    assert np.abs(np.diff(slope)).max() < 0.01
    np.testing.assert_allclose(made, -made[::-1], atol=1e-6)


def test_the_bytes_are_16_bit_numbers():
    assert (
        pcm(np.array([0, 0.5, -0.5, np.nan, np.inf], np.float32))
        == np.array([0, 16384, -16384, 0, 0], "<i2").tobytes()
    )
    assert np.frombuffer(pcm(np.array([1e30, -1e30], np.float32)), "<i2") == pytest.approx(
        [FULL_SCALE, -FULL_SCALE], abs=1
    )
    assert finite(np.array([1e30], np.float32)) == HIGHEST
