import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.filter.entropy import FEATURES, LONGEST, SERIES, WINDOWS, entropies, features

NOTES = st.tuples(st.integers(24, 107), st.sampled_from([3, 4, 6, 12, 24]))
MELODY = st.lists(NOTES, max_size=40)
FEW = st.lists(st.tuples(st.integers(60, 64), st.sampled_from([6, 12])), max_size=150)


def plain(values):
    """Entropy in bits, written as in a textbook."""
    counts = Counter(values).values()
    return -sum(n / sum(counts) * math.log2(n / sum(counts)) for n in counts)


def textbook(melody):
    pitch, length = [p for p, _ in melody], [d for _, d in melody]
    steps = [(b - a) for a, b in pairwise(pitch)]
    longer = [(b - a) for a, b in pairwise(length)]
    return [
        plain([p % 12 for p in pitch]), plain([s % 12 for s in steps]), plain(length),
        plain(longer), plain(pitch), plain(steps),
    ]  # fmt: skip


def textbook_features(melody):
    """The paper's list, window by window."""
    found = dict(zip(SERIES, textbook(melody), strict=True))
    for window in WINDOWS:
        parts = [melody[i : i + window] for i in range(len(melody) - window + 1)]
        bits = [textbook(part) for part in parts] or [[math.nan] * len(SERIES)]
        for name, values in zip(SERIES, zip(*bits, strict=True), strict=True):
            found[f"{name}_min_{window}"] = min(values)
            found[f"{name}_mean_{window}"] = sum(values) / len(values)
    return [found[name] for name in FEATURES]


def arrays(melody):
    return tuple(np.array(x, np.int64) for x in ([p for p, _ in melody], [d for _, d in melody]))


@given(st.lists(MELODY, min_size=1, max_size=5))
def test_all_candidates_at_once_are_the_textbook_one_by_one(melodies):
    pitch, length = zip(*map(arrays, melodies), strict=True)
    expected = [textbook(m) for m in melodies]
    np.testing.assert_allclose(entropies(pitch, length), expected, atol=1e-8)


@given(st.lists(MELODY | FEW, min_size=1, max_size=4), FEW)
def test_the_features_of_excerpts_are_the_textbook_window_by_window(melodies, past):
    found = features([arrays(m) for m in melodies], arrays(past))
    expected = [textbook_features(past[-LONGEST:] + m) for m in melodies]
    np.testing.assert_allclose(found, expected, atol=1e-8)


@given(st.lists(MELODY, min_size=1, max_size=4), FEW)
def test_a_candidate_has_the_same_features_alone(melodies, past):
    together = features([arrays(m) for m in melodies], arrays(past))
    alone = [features([arrays(m)], arrays(past))[0] for m in melodies]
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize("ago", [LONGEST - 1, LONGEST, LONGEST + 1, 3 * LONGEST])
def test_of_a_long_tune_the_last_notes_count_and_no_others(ago):
    rng = np.random.default_rng(ago)
    tune = list(
        zip(rng.integers(50, 80, ago).tolist(), rng.choice([6, 12, 24], ago).tolist(), strict=True)
    )
    phrase = [(60, 12), (64, 6), (67, 24)]
    (found,) = features([arrays(phrase)], arrays(tune))
    expected = textbook_features(tune[-LONGEST:] + phrase)
    np.testing.assert_allclose(found, expected, atol=1e-8)
    others = [(pitch + 13, 5) for pitch, _ in tune[:-LONGEST]] + tune[-LONGEST:]
    np.testing.assert_array_equal(features([arrays(phrase)], arrays(others))[0], found)


def test_sums_in_another_order_are_the_same_number():
    """Nine decimals: a bound of three is kept or broken whatever the machine."""
    (row,) = features([arrays([(60, 12), (62, 12), (64, 12)] * 3)])
    assert [value for value in row if not math.isnan(value) and value != round(value, 9)] == []
    assert dict(zip(FEATURES, row, strict=True))["pitch"] == 1.584962501
    assert entropies(*([x] for x in arrays([(60, 12), (62, 12), (64, 12)])))[0, 4] == 1.584962501


def test_the_paper_has_sixty_six_entropies():
    assert len(FEATURES) == len(set(FEATURES)) == 66
    assert FEATURES[:6] == SERIES
    assert FEATURES[6] == "pitch_class_min_8"
    assert FEATURES[-1] == "pitch_step_mean_128"


def test_a_window_longer_than_the_excerpt_has_no_value():
    (row,) = features([arrays([(60, 12)] * 10)], arrays([(60, 12)] * 10))
    table = dict(zip(FEATURES, row.tolist(), strict=True))
    missing = {name for name, value in table.items() if math.isnan(value)}
    assert missing == {n for n in FEATURES if n.endswith(("_32", "_64", "_128"))}
    assert {table[name] for name in FEATURES if name not in missing} == {0.0}


def test_a_table():
    scale, loop = np.arange(60, 68), np.array([60, 62] * 4)
    even, dotted = np.full(8, 12), np.array([18, 6] * 4)
    bits = entropies([scale, loop, loop[:1]], [even, dotted, dotted[:1]])
    table = {name: column.tolist() for name, column in zip(SERIES, bits.T.round(3), strict=True)}
    assert table == {
        "pitch_class": [3.0, 1.0, 0.0],
        "pitch_class_step": [0.0, 0.985, 0.0],
        "length": [0.0, 1.0, 0.0],
        "length_step": [0.0, 0.985, 0.0],
        "pitch": [3.0, 1.0, 0.0],
        "pitch_step": [0.0, 0.985, 0.0],
    }
