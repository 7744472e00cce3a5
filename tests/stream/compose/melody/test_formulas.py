import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody.formulas import RUN, Formulas, keys

PITCHES = st.lists(st.integers(24, 108), min_size=1, max_size=30).map(
    lambda p: np.array(p, np.int64)
)


def missed(formulas, pitches):
    """The notes of one melody that end no formula."""
    (found,) = formulas.missed(pitches[None], np.array([len(pitches)]))
    return found


@given(PITCHES, st.integers(-12, 12))
def test_a_formula_is_the_same_in_every_key(pitches, shift):
    found = keys(pitches)
    assert len(found) == max(len(pitches) - RUN, 0)
    np.testing.assert_array_equal(keys(pitches + shift), found)


@given(st.lists(PITCHES, min_size=1, max_size=4))
def test_what_is_stored_is_found(melodies):
    stored = Formulas(Formulas.text({k for m in melodies for k in keys(m).tolist()}))
    assert [missed(stored, m) for m in melodies] == [0] * len(melodies)


def test_nearly_all_else_is_missed():
    rng = np.random.default_rng(0)
    known, others = rng.integers(50, 80, (2, 2000))
    stored = Formulas(Formulas.text(keys(known).tolist()))
    assert missed(stored, others) > 0.95 * (2000 - RUN)
    assert missed(Formulas(""), others) == 2000 - RUN
    assert missed(Formulas(Formulas.text([])), others) == 2000 - RUN


@pytest.mark.parametrize("text", ["A", "no base64!", "\u00e9"])
def test_another_text_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        Formulas(text)


@given(st.lists(PITCHES, min_size=1, max_size=4))
def test_melodies_side_by_side_are_as_alone(melodies):
    stored = Formulas(Formulas.text(keys(melodies[0]).tolist()))
    counts = np.array([len(m) for m in melodies])
    table = np.array([np.pad(m, (0, counts.max() - len(m))) for m in melodies])
    assert stored.missed(table, counts).tolist() == [missed(stored, m) for m in melodies]
