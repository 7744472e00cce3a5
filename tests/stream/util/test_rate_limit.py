import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.util.rate_limit import RateLimit

GAPS = st.lists(st.floats(0, 3), max_size=60)


def reserved(limit, now, count):
    return [round(limit.reserve(now), 6) for _ in range(count)]


def test_a_burst_goes_at_once_and_the_rest_in_turn():
    limit = RateLimit(10, 3)
    assert reserved(limit, 100.0, 6) == [0, 0, 0, 0.1, 0.2, 0.3]
    assert reserved(limit, 100.3, 2) == [0.1, 0.2]
    assert reserved(limit, 100.7, 4) == [0, 0, 0.1, 0.2]
    assert reserved(limit, 1100.7, 4) == [0, 0, 0, 0.1]


def test_a_turn_that_is_refused_uses_none():
    limit = RateLimit(50, 50)
    assert [limit.allows(7.0) for _ in range(60)] == [True] * 50 + [False] * 10
    assert [limit.allows(7.02) for _ in range(2)] == [True, False]


@given(GAPS, st.integers(1, 9), st.sampled_from([0.5, 4.0, 50.0]))
def test_no_more_turns_than_the_rate_and_a_burst(gaps, burst, per_second):
    limit, now, given_at = RateLimit(per_second, burst), 0.0, []
    for gap in gaps:
        now += gap
        if limit.allows(now):
            given_at.append(now)
    for i, first in enumerate(given_at):
        for count, last in enumerate(given_at[i:], 1):
            assert count <= burst + (last - first) * per_second + 1e-6


@given(GAPS, st.integers(1, 9))
def test_reserved_turns_keep_their_order(gaps, burst):
    limit, now, turns = RateLimit(10, burst), 0.0, []
    for gap in gaps:
        now += gap / 10
        turns.append(now + limit.reserve(now))
    assert turns == pytest.approx(sorted(turns))
