import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.plan import style
from stream.config.style_syntax import parse_style
from stream.errors import SettingsError
from stream.music.note import Controls, PhraseRequest
from stream.voices.spec import read_spec
from tests.stream.compose.conftest import TINY

SPEC = read_spec(TINY)


def at(index, text, walk=4, **opened):
    controls = Controls(style=parse_style(text), walk=walk)
    return PhraseRequest(index=index, tune=0, seed=1, controls=controls, **opened)


def weights(*args, **kwargs):
    return style.weights(SPEC, at(*args, **kwargs), np.random.default_rng(0))


def test_a_walk_goes_straight_from_place_to_place_and_round():
    shares = [weights(i, "even/odd").get("odd", 0.0) for i in range(10)]
    assert shares == [0, 0.25, 0.5, 0.75, 1, 0.75, 0.5, 0.25, 0, 0.25]


def test_a_place_may_be_a_blend():
    assert weights(2, "even:3,odd:1/odd") == {"even": 0.375, "odd": 0.625}
    assert style.name_of(weights(2, "even:3,odd:1/odd")) == "even:0.375,odd:0.625"


def test_one_place_is_stayed_at():
    assert {style.name_of(weights(i, "odd")) for i in range(20)} == {"odd"}


@given(
    st.integers(0, 10**6),
    st.integers(1, 1000),
    st.sampled_from(["even", "even/odd", "odd/even,odd/even"]),
)
def test_weights_sum_to_1_and_move_by_little(index, walk, text):
    here, there = weights(index, text, walk), weights(index + 1, text, walk)
    assert sum(here.values()) == pytest.approx(1)
    assert all(abs(here.get(n, 0) - there.get(n, 0)) <= 1 / walk + 1e-9 for n in SPEC.styles)


def test_a_tune_knows_the_style_it_began_with():
    """Whatever is asked for by now, and however many phrases were cut short since."""
    now = at(9, "odd", opened=1, opened_style=parse_style("even/odd"))
    rng = np.random.default_rng(0)
    assert style.opening_weights(SPEC, now, rng) == {"even": 0.75, "odd": 0.25}
    assert style.weights(SPEC, now, rng) == {"odd": 1.0}


def test_an_unknown_style():
    with pytest.raises(SettingsError, match="style 'polka': unknown; voice tiny has even, odd"):
        weights(0, "even/polka")
