"""Rows of chunks: nothing is lost, nothing is out of order."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from export.training.lanes import lanes, spans


@given(st.lists(st.integers(0, 9), max_size=12), st.integers(1, 4))
def test_every_piece_is_played_by_one_row_in_order(counts, rows):
    pieces = [[(i, j) for j in range(count)] for i, count in enumerate(counts)]
    times = list(lanes(pieces, rows))
    assert all(len(row) == rows and any(row) for row in times)
    played = [[row[lane] for row in times if row[lane]] for lane in range(rows)]
    assert sorted(chain.from_iterable(played)) == list(chain.from_iterable(pieces))
    assert all(lane == sorted(lane) for lane in played)


def test_it_ends_when_too_few_rows_play():
    assert list(lanes(["abc", "d"], 2, least=2)) == [["a", "d"]]


@given(st.integers(0, 300), st.integers(1, 40))
def test_spans_cover_everything_in_the_fewest_parts(count, length):
    found = spans(count, length)
    assert [frame for a, b in found for frame in range(a, b)] == list(range(count))
    assert len(found) == -(-count // length)
    assert all(b - a <= length for a, b in found)
