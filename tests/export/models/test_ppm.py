from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export.models import ngram, ppm
from tests.export.models.events import EVERY, PAUSE, A, B, C, events, tunes


def adaptive(known, heard, order=ppm.ORDER):
    return ngram.product(ppm.long_term(known, heard, order), ppm.short_term(heard, order))


MODELS = {
    "long": lambda known, heard: ppm.long_term(known, heard, 4),
    "short": lambda _, heard: ppm.short_term(heard, 4),
    "both": lambda known, heard: adaptive(known, heard, 4),
}


def row(*melodies):
    return ngram.in_a_row([np.array(m, np.uint8) for m in melodies], [0] * len(melodies))


def bits(prediction, heard):
    return ngram.bits(prediction, heard.tokens)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@settings(max_examples=8, deadline=None)
@given(known=tunes, begun=st.lists(events, max_size=5))
def test_all_continuations_together_have_probability_one(model, known, begun):
    heard = row(*([*begun, event] for event in EVERY))
    last = bits(model(row(*known), heard), heard)[len(begun) :: len(begun) + 1]
    assert np.exp2(-last).sum() == pytest.approx(1)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@settings(max_examples=8, deadline=None)
@given(known=tunes, begun=st.lists(events, min_size=1), one=events, other=events)
def test_nothing_is_known_of_what_follows(model, known, begun, one, other):
    endings = row([*begun, one, one, one], [*begun, other])
    read = bits(model(row(*known), endings), endings)
    assert read[: len(begun)] == pytest.approx(read[len(begun) + 3 : -1])


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@settings(max_examples=8, deadline=None)
@given(known=tunes, heard=tunes)
def test_no_tune_is_scored_by_another(model, known, heard):
    together = row(*heard)
    alone = [bits(model(row(*known), row(tune)), row(tune)) for tune in heard]
    assert bits(model(row(*known), together), together) == pytest.approx(np.concatenate(alone))


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2))))
def test_counts_so_far(happened):
    context, symbols = np.array(happened, int).reshape(-1, 2).T
    table = [
        [sum(pair == (c, s) for pair in happened[:i]) for s in range(3)]
        for i, (c, _) in enumerate(happened)
    ]
    assert ppm.so_far(context, symbols, 3).tolist() == table


def contexts(tune, i, order):
    """The events before one, none to `order` - 1 of them."""
    padded = [None] * order + tune
    return [tuple(padded[i + order - n : i + order]) for n in range(order)]


@settings(max_examples=40, deadline=None)
@given(known=tunes, heard=tunes, order=st.integers(1, 4))
def test_what_a_longer_context_knew_is_not_counted_again(known, heard, order):
    """Update exclusion, event by event as its paper tells it, for the pitch classes."""
    seen = Counter()
    for tune in known:
        for i, event in enumerate(tune):
            for context in reversed(contexts(tune, i, order)):
                seen[context, event[0]] += 1
                if seen[context, event[0]] > 1:
                    break
    learnt = row(*known)
    tables = list(ppm.exclusive_counts(learnt + row(*heard), len(learnt), 0, order))
    expected = [
        [[seen[contexts(tune, i, order)[n], x] for x in range(13)] for tune in heard
         for i in range(len(tune))]
        for n in range(order)
    ]  # fmt: skip
    assert [table.tolist() for table in tables] == expected


def test_a_discount_goes_to_the_shorter_contexts():
    lower, counts = np.array([[0.5, 0.25, 0.25]] * 2), np.array([[3.0, 1.0, 0.0], [0, 0, 0]])
    given_away = 2 * ppm.DISCOUNT / 4
    first = [(3 - ppm.DISCOUNT) / 4, (1 - ppm.DISCOUNT) / 4, 0] + given_away * lower[0]
    assert ppm.escape(lower, counts) == pytest.approx(np.array([first, lower[1]]))


def test_a_repeat_is_predicted():
    strain = [A, B, C, C, B, A, PAUSE]
    known, heard = row([B, A, C, A, B, B]), row(strain + strain)
    fixed, learning = (
        bits(ppm.long_term(known, heard), heard),
        bits(adaptive(known, heard), heard),
    )
    assert learning[9:].mean() < fixed[9:].mean() / 2
