import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.filter.novelty import Corpus
from stream.compose.melody.bar_penalty import COPIED, FAULT, MISSED, BarPenalty
from stream.compose.melody.formulas import Formulas, keys
from stream.compose.melody.guide import by_onset
from stream.compose.melody.sampler import LENGTHS, melody_of
from stream.compose.melody.vocabulary import REST
from tests.stream.compose.melody.outlines import bar_of, outline_of

FORM = outline_of("4x24;;;0;0;0;4;. ~1 . =3;")
A, B, LOW = bar_of(0, 2, 4, 5), bar_of(0, 2, 4, 4), bar_of(-12, -10, -8, -7)


NOTHING = Corpus(b"")


def penalty(bars, formulas=None, form=FORM, corpus=NOTHING, before=0):
    """The penalty of the last bar in a phrase that begins after `before` bars."""
    events = by_onset(itertools.chain.from_iterable(bars), LENGTHS)
    past = by_onset(itertools.chain.from_iterable(bars[:before]), LENGTHS)
    (found,) = BarPenalty(form, past, formulas, corpus)([(events, len(bars) - 1)])
    return found


def stock(*melodies):
    """The formulas of these bars."""
    pitches = [melody_of(np.array([*itertools.chain(*bars)]))[0] for bars in melodies]
    return Formulas(Formulas.text(set(np.concatenate([keys(p) for p in pitches]).tolist())))


def test_a_bar_as_the_outline_says_has_none():
    assert penalty([A]) == 0
    assert penalty([A, B]) == 0


@pytest.mark.parametrize(
    ("bars", "faults"),
    [
        ([LOW], 3),  # three classes too low
        ([bar_of(0, 2, 4, None)], 1),
        ([bar_of(None, None, None, None)], 4),
        ([A, A], 1),  # not varied
        ([A, bar_of(11, 12, 9, 7)], 2 + 3),  # nothing in common, and too high
    ],
)
def test_each_fault_counts(bars, faults):
    assert penalty(bars) == pytest.approx(FAULT * faults)


def test_a_bar_beyond_the_outline_has_none():
    assert penalty([A, B, A, A, LOW]) == 0


def test_notes_that_end_no_formula_count_from_the_seventh_on():
    known = stock([A, B])
    assert penalty([A], known) == 0
    assert penalty([A, B], known) == 0
    other = bar_of(0, 2, 5, 4)
    assert penalty([A, other], known) == pytest.approx(MISSED * 2)
    # Those of the last bar alone, with the bars before it, and the head of the copy to come.
    assert penalty([A, other, A], known) == pytest.approx(penalty([A, other, A]) + MISSED * 5)


def test_a_rest_is_passed_over():
    known, silent = stock([A, B]), bar_of(0, 2, None, 4)
    assert penalty([A, silent], known) == penalty([A, silent])


def test_the_first_note_of_a_copy_is_known():
    bars = [A, B, bar_of(0, 4, 2, 5)]
    known = stock(bars)
    assert penalty(bars, known) - penalty(bars) == pytest.approx(MISSED)
    assert penalty(bars, stock([*bars, A[:1]])) == penalty(bars)
    # Not after a rest at its head.
    silent = [[(REST, 8, 5), *A[1:]], *bars[1:]]
    assert penalty(silent, stock(silent)) == penalty(silent)


def test_notes_that_end_a_long_run_of_the_corpus_count():
    tune = [A, B, bar_of(0, 2, 4, 7), bar_of(9, 7, 4, 2)]
    corpus = Corpus(Corpus.table([melody_of(np.array([*itertools.chain(*tune)]))]))
    alone = [penalty(tune[: at + 1]) for at in range(4)]
    found = [penalty(tune[: at + 1], corpus=corpus) for at in range(4)]
    # A long run is twelve intervals: the thirteenth note ends the first.
    assert np.subtract(found, alone).tolist() == pytest.approx([0, 0, 0, 4 * COPIED])
    other = [*tune[:3], bar_of(9, 7, 5, 2)]
    assert penalty(other, corpus=corpus) == pytest.approx(penalty(other) + 2 * COPIED)


@given(st.lists(st.sampled_from([A, B, LOW]), min_size=2, max_size=4), st.data())
def test_it_does_not_matter_where_the_phrase_begins(bars, data):
    before = data.draw(st.integers(0, len(bars) - 1))
    assert penalty(bars, before=before) == penalty(bars)


@given(st.lists(st.lists(st.sampled_from([A, B, LOW]), min_size=1, max_size=4), min_size=1))
def test_tunes_side_by_side_are_as_alone(tunes):
    known = stock([A, B, A])
    tables = [by_onset(itertools.chain.from_iterable(bars), LENGTHS) for bars in tunes]
    corpus = Corpus(Corpus.table([melody_of(np.array([*itertools.chain(A, B, A, A)]))]))
    both = BarPenalty(FORM, {}, known, corpus)
    lasts = [len(bars) - 1 for bars in tunes]
    found = both(zip(tables, lasts, strict=True))
    assert found.tolist() == [penalty(bars, known, corpus=corpus) for bars in tunes]
