import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.filter import note_runs

NOTES = st.lists(st.tuples(st.integers(24, 107), st.sampled_from([3, 6, 12, 24])), max_size=40)


def series(notes):
    pairs = np.array(notes, np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


@given(NOTES, st.integers(1, 12), st.integers(-20, 20))
def test_equal_runs_have_equal_keys_in_every_key(notes, run, shift):
    pitch, length = series(notes)
    keys = note_runs.keys(pitch, length, run)
    assert len(keys) == max(len(notes) - run, 0)
    np.testing.assert_array_equal(keys, note_runs.keys(pitch + shift, length, run))
    pairs = [(b[0] - a[0], b[1]) for a, b in itertools.pairwise(notes)]
    plain = [tuple(pairs[i : i + run]) for i in range(len(keys))]
    assert len(set(plain)) == len(set(keys.tolist()))


@given(st.lists(NOTES, min_size=1, max_size=4), st.integers(1, 5))
def test_rows_know_nothing_of_each_other(tunes, run):
    size = min(len(t) for t in tunes)
    pitch, length = (np.stack(s) for s in zip(*(series(t[:size]) for t in tunes), strict=True))
    together = note_runs.keys(pitch, length, run)
    for row, tune in zip(together, tunes, strict=True):
        np.testing.assert_array_equal(row, note_runs.keys(*series(tune[:size]), run))


def test_the_longest_row_of_hits():
    hits = np.array([[0, 1, 1, 0, 1], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]], bool)
    assert note_runs.longest(hits).tolist() == [2, 0, 5]
    assert note_runs.longest(np.zeros((2, 0), bool)).tolist() == [0, 0]
