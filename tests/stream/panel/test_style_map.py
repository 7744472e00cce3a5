import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.errors import VoiceError
from stream.panel.style_map import arranged, plane, style_map
from stream.voices.spec import find_voice, read_spec
from tests.stream.compose.conftest import CHORALE


def test_the_shipped_voice_has_a_map_on_which_no_styles_meet():
    voice = find_voice("commons")
    places = style_map(voice)
    assert list(places) == list(read_spec(voice).styles)
    for one, other in itertools.combinations(places.values(), 2):
        assert math.dist(one, other) > 0.15


def test_neighbours_in_the_space_are_neighbours_on_the_map():
    means = np.zeros((4, 32))
    means[:, 5], means[:, 9] = [0, 1, 10, 11], [0, 0.5, 0, 4]
    places = arranged(dict(zip("abcd", means.tolist(), strict=True)))
    assert math.dist(places["a"], places["b"]) < math.dist(places["a"], places["c"])
    assert places["a"][0] > places["c"][0]


def test_the_plane_is_that_of_the_principal_components():
    points = np.random.default_rng(1).normal(size=(9, 32)) + 3
    found = np.array([[place.real, place.imag] for place in plane(points.tolist())])
    left, sizes, _ = np.linalg.svd(points - points.mean(0), full_matrices=False)
    expected = (left * sizes)[:, :2]
    expected *= np.sign(expected[0])
    scale = np.abs(expected).max() / np.abs(found).max()
    np.testing.assert_allclose(found * scale, expected, atol=1e-6)


points = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3)


@given(st.dictionaries(st.text(max_size=3), points, max_size=9))
def test_every_style_has_a_place_on_the_map(means):
    places = arranged(means)
    assert list(places) == list(means)
    assert all(0 <= at <= 1 for place in places.values() for at in place)


def test_styles_in_one_point_are_kept_apart():
    places = arranged({name: [1.0, 2.0] for name in "abc"})
    assert len(set(places.values())) == 3


def test_a_file_that_is_no_voice(tmp_path):
    with pytest.raises(VoiceError):
        style_map(tmp_path / "none.onnx")


def test_styles_without_a_place_in_the_space_have_one_on_the_map():
    """A voice of several parts has no latent point."""
    assert list(style_map(CHORALE)) == ["bach"]
    assert len(set(arranged(dict.fromkeys("abc", ())).values())) == 3
