import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stream.compose.melody.leaning import (
    DURATIONS,
    PITCHES,
    PLACES,
    SIZE,
    STEPS,
    WIDTH,
    Leaning,
    packed,
    unpacked,
)
from stream.compose.melody.vocabulary import SIZES, START, TWELFTHS

TOKENS = st.tuples(*(st.integers(0, size) for size in SIZES))


@given(arrays(np.float32, SIZE, elements=st.floats(-7.5, 7.5, width=32)))
def test_a_table_is_stored_to_half_a_step(table):
    found = unpacked(packed(table))
    assert np.abs((np.zeros(SIZE) if found is None else found) - table).max() <= 0.5 / STEPS + 1e-6


@pytest.mark.parametrize("text", ["AAAA", "!", "A"])
def test_a_text_of_another_length_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011 (either of two)
        unpacked(text)


@given(TOKENS, st.integers(0, 10_000), st.sampled_from([24, 48, 72, 96, 192]))
def test_each_event_has_the_nats_of_its_rows(token, position, bar):
    table = np.arange(SIZE, dtype=np.float32)
    (found,) = Leaning(table, bar).at(np.array([token]), np.array([position]))
    begins = 0 if token[2] == START[2] else position + TWELFTHS[token[2]]
    place = min(begins % bar // 6, PLACES - 1)
    heads = np.split(table, [PITCHES * (1 + PITCHES + 1 + PLACES)])
    for nats, head, last, classes in (
        (found[:PITCHES], heads[0], token[0], PITCHES),
        (found[WIDTH - DURATIONS :], heads[1], token[2], DURATIONS),
    ):
        rows = head.reshape(-1, classes)
        after = (PITCHES if classes == PITCHES else DURATIONS) + 1
        assert np.array_equal(nats, rows[0] + rows[1 + last] + rows[1 + after + place])
    assert not found[PITCHES : WIDTH - DURATIONS].any()
