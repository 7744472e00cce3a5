import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody.formulas import RUN, Formulas, keys

PITCHES = st.lists(st.integers(24, 108), min_size=1, max_size=30).map(
    lambda p: np.array(p, np.int64)
)


@given(PITCHES, st.integers(-12, 12))
def test_a_formula_is_the_same_in_every_key(pitches, shift):
    found = keys(pitches)
    assert len(found) == max(len(pitches) - RUN, 0)
    np.testing.assert_array_equal(keys(pitches + shift), found)


@given(st.lists(PITCHES, min_size=1, max_size=4))
def test_what_is_stored_is_found(melodies):
    stored = Formulas(Formulas.text({k for m in melodies for k in keys(m).tolist()}))
    assert [stored.missed(m) for m in melodies] == [0] * len(melodies)


def test_nearly_all_else_is_missed():
    rng = np.random.default_rng(0)
    known, others = rng.integers(50, 80, (2, 2000))
    stored = Formulas(Formulas.text(keys(known).tolist()))
    assert stored.missed(others) > 0.95 * (2000 - RUN)
    assert Formulas("").missed(others) == Formulas(Formulas.text([])).missed(others) == 2000 - RUN


@pytest.mark.parametrize("text", ["A", "no base64!", "\u00e9"])
def test_another_text_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        Formulas(text)
