import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody.interval_chain import (
    CLASSES,
    EIGHTHS,
    WIDEST,
    bits,
    classes,
    packed,
    unpacked,
)

PITCHES = st.lists(st.integers(24, 108), max_size=30).map(lambda p: np.array(p, np.int64))


@given(PITCHES)
def test_each_interval_has_a_class(pitches):
    found = classes(pitches)
    assert len(found) == max(len(pitches) - 1, 0)
    assert ((found >= 0) & (found < CLASSES)).all()
    near = np.abs(np.diff(pitches)) <= WIDEST
    np.testing.assert_array_equal(found[near] - WIDEST, np.diff(pitches)[near])


@given(PITCHES, st.integers(0, 99))
def test_bits_are_those_of_the_table(pitches, seed):
    table = np.random.default_rng(seed).integers(0, 256, (CLASSES,) * 3, np.uint8)
    found, intervals = bits(table, pitches), classes(pitches)
    assert len(found) == max(len(pitches) - 3, 0)
    for at, each in enumerate(found):
        assert each == table[tuple(intervals[at : at + 3])] / EIGHTHS


def test_a_table_survives_as_text():
    table = np.random.default_rng(1).integers(0, 256, (CLASSES,) * 3, np.uint8)
    np.testing.assert_array_equal(unpacked(packed(table)), table)


@pytest.mark.parametrize("text", ["", "AAAA", "no base64", "\u00e9"])
def test_another_text_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        unpacked(text)
