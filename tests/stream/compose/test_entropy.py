import math
from collections import Counter
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.entropy import FEATURES, entropies

MELODY = st.lists(st.tuples(st.integers(24, 107), st.sampled_from([3, 4, 6, 12, 24])), max_size=40)


def plain(values):
    """Entropy in bits, written as in a textbook."""
    counts = Counter(values).values()
    return -sum(n / sum(counts) * math.log2(n / sum(counts)) for n in counts)


def textbook(pitch, length):
    steps = [(b - a) for a, b in pairwise(pitch)]
    longer = [(b - a) for a, b in pairwise(length)]
    return [
        plain([p % 12 for p in pitch]), plain([s % 12 for s in steps]), plain(length),
        plain(longer), plain(pitch), plain(steps),
    ]  # fmt: skip


@given(st.lists(MELODY, min_size=1, max_size=5))
def test_all_candidates_at_once_are_the_textbook_one_by_one(melodies):
    pitch = [np.array([p for p, _ in m], np.int64) for m in melodies]
    length = [np.array([d for _, d in m], np.int64) for m in melodies]
    expected = [textbook(*([list(x) for x in zip(*m, strict=True)] or [[], []])) for m in melodies]
    np.testing.assert_allclose(entropies(pitch, length), expected, atol=1e-9)


def test_a_table():
    scale, loop = np.arange(60, 68), np.array([60, 62] * 4)
    even, dotted = np.full(8, 12), np.array([18, 6] * 4)
    bits = entropies([scale, loop, loop[:1]], [even, dotted, dotted[:1]])
    table = {name: column.tolist() for name, column in zip(FEATURES, bits.T.round(3), strict=True)}
    assert table == {
        "pitch_class": [3.0, 1.0, 0.0],
        "pitch_class_step": [0.0, 0.985, 0.0],
        "length": [0.0, 1.0, 0.0],
        "length_step": [0.0, 0.985, 0.0],
        "pitch": [3.0, 1.0, 0.0],
        "pitch_step": [0.0, 0.985, 0.0],
    }
