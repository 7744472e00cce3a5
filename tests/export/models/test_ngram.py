import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export.models import ngram
from stream.compose.melody.vocabulary import REST, SIZES
from tests.export.models.events import EVERY, PAUSE, A, B, C, tunes


def row(*melodies, kinds=None):
    return ngram.in_a_row([np.array(m, np.uint8) for m in melodies], kinds or [0] * len(melodies))


def total(model, begun):
    """The total probability that `model` gives to all continuations of a begun tune."""
    heard = row(*([*begun, event] for event in EVERY))
    last = slice(len(begun), None, len(begun) + 1)
    return np.exp2(-ngram.bits(model(heard), heard.tokens)[last]).sum()


@settings(max_examples=8, deadline=None)
@given(tunes, st.lists(st.sampled_from([A, B, C, PAUSE]), max_size=4))
def test_all_continuations_together_have_probability_one(known, begun):
    for order in range(4):
        sum_of_all = total(lambda heard, n=order: ngram.n_grams(row(*known), heard, 4)[n], begun)
        assert sum_of_all == pytest.approx(1)


def context(tune, i, head, n):
    """The classes of an event before one of its heads, and the n events before."""
    return (*tune[i][:head], *([None] * n + tune)[i : i + n])


def by_hand(known, heard, order):
    """Witten-Bell as the paper writes it: bits of every event, one count at a time."""
    heads = range(3)
    seen = Counter(
        (context(tune, i, head, n), tune[i][head])
        for tune in known for i in range(len(tune)) for head in heads for n in range(order)
    )  # fmt: skip
    for tune in heard:
        for i, event in enumerate(tune):
            smallest = (13, 1 if event[0] == REST else 7, 11)
            bits = 0.0
            for head in heads:
                p = 1 / smallest[head]
                for n in range(order):
                    key = context(tune, i, head, n)
                    after = [seen[key, x] for x in range(SIZES[head])]
                    types = sum(count > 0 for count in after)
                    p = (after[event[head]] + types * p) / (sum(after) + types) if types else p
                bits -= math.log2(p)
            yield bits


@settings(max_examples=40, deadline=None)
@given(tunes, tunes, st.integers(1, 5))
def test_the_arrays_follow_the_equation(known, heard, order):
    new = row(*heard)
    ours = ngram.bits(ngram.n_grams(row(*known), new, order)[-1], new.tokens)
    assert ours == pytest.approx(list(by_hand(known, heard, order)))


def test_nothing_crosses_from_tune_to_tune():
    heard = row([A, B])
    apart = ngram.n_grams(row([A], [B]), heard, 2)
    joined = ngram.n_grams(row([A, B]), heard, 2)
    for head in range(3):
        assert np.array_equal(apart[1][head][1], apart[0][head][1])
    assert ngram.bits(joined[1], heard.tokens)[1] < ngram.bits(apart[1], heard.tokens)[1]


def test_the_head_of_a_tune_is_a_context():
    heard = row([A])
    one, two = ngram.n_grams(row([A, B, B, B], [A, C, C, C]), heard, 2)
    assert ngram.bits(two, heard.tokens) < ngram.bits(one, heard.tokens)


def test_kinds_are_counted_apart():
    learnt, heard = row([A, B], [C, C], kinds=[0, 1]), row([A, B], kinds=[2])
    assert ngram.bits(ngram.n_grams(learnt, heard, 3)[-1], heard.tokens) == pytest.approx(
        [math.log2(13 * 7 * 11)] * 2
    )
    same = ngram.n_grams(learnt.alike(), heard.alike(), 3)[-1]
    assert ngram.bits(same, heard.tokens).max() < math.log2(13 * 7 * 11)


def test_a_product_is_a_prediction():
    one, other = (np.array([[0.8, 0.2, 0.0]]),), (np.array([[0.2, 0.8, 0.0]]),)
    assert ngram.product(one, other)[0] == pytest.approx(np.array([[0.5, 0.5, 0.0]]))
    assert ngram.product(one, one)[0] == pytest.approx(one[0])
