from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export.models.ngram import witten_bell
from export.papers.melody_lstm import ngrams
from export.papers.melody_lstm.segments import PITCHES, windows

rows = st.lists(
    st.lists(st.integers(0, 5), min_size=1, max_size=30).map(lambda row: np.array(row, np.int64)),
    min_size=1,
    max_size=4,
)


@settings(deadline=None, max_examples=25)
@given(rows, rows, st.integers(1, 8))
def test_every_prediction_is_a_distribution(learnt, heard, order):
    contexts, _ = windows(heard, 12)
    known = ngrams.tables(learnt, order)
    for found in (
        ngrams.add_c(known[-1], order, 0.1, contexts),
        ngrams.witten_bell_of(learnt, order)(contexts),
        ngrams.ppm_of(learnt, order)(contexts),
        *(ngrams.short_term(row, order) for row in heard),
    ):
        assert (found >= 0).all()
        np.testing.assert_allclose(found.sum(1), 1)
        assert found.shape[1] == PITCHES


@settings(deadline=None, max_examples=25)
@given(rows, st.integers(1, 5), st.sampled_from([0.1, 1.0]))
def test_add_c_by_brute_force(learnt, order, c):
    """Counts of whole n-grams, those at the head of a tune with what stands before it."""
    counts = Counter(
        tuple([ngrams.BEFORE] * (order - 1) + row.tolist())[i : i + order]
        for row in learnt
        for i in range(len(row))
    )
    contexts, _ = windows(learnt, 6)
    found = ngrams.add_c(ngrams.tables(learnt, order)[-1], order, c, contexts)
    for context, likely in zip(contexts.tolist(), found, strict=True):
        known = tuple(context[len(context) - order + 1 :])
        came = np.array([counts[(*known, symbol)] for symbol in range(PITCHES)])
        np.testing.assert_allclose(likely, (came + c) / (came.sum() + c * PITCHES))


def test_what_is_known_after_a_longer_context_is_not_counted_again():
    row = np.array([1, 2, 1, 2, 1, 3])
    plain, exclusive = ngrams.tables([row], 2)[0], ngrams.exclusive_tables([row], 2)[0]
    assert plain.counts[0, :4].tolist() == [0, 3, 2, 1]
    # 1 came first and after 2; 2 after 1 alone, twice; 3 after 1.
    assert exclusive.counts[0, :4].tolist() == [0, 2, 1, 1]


def test_an_unknown_context_leaves_it_to_the_shorter_ones():
    learnt = [np.array([1, 2, 3, 1, 2, 3])]
    known = ngrams.tables(learnt, 3)
    found = ngrams.interpolated(known, witten_bell, np.array([[9, 1], [1, 2]]))
    assert found[0].argmax() == 2
    assert found[1].argmax() == 3
    assert ngrams.add_c(known[2], 3, 0.1, np.array([[9, 1]]))[0] == pytest.approx(1 / PITCHES)


def test_the_short_term_model_uses_only_the_past():
    row = np.array([1, 2, 3, 1, 2, 3, 1])
    other = row.copy()
    other[5] = 7
    one, two = ngrams.short_term(row, 4), ngrams.short_term(other, 4)
    np.testing.assert_array_equal(one[:6], two[:6])
    assert one[0] == pytest.approx(1 / PITCHES)
    assert one[4:].argmax(1).tolist() == [2, 3, 1]


def test_a_product_is_the_geometric_mean():
    found = ngrams.product(np.array([[0.8, 0.2]]), np.array([[0.2, 0.8]]))
    np.testing.assert_allclose(found, [[0.5, 0.5]])
