import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.taste.regression import fit, latest

SEEDS = st.integers(0, 2**32 - 1)


def data(seed, count=30, width=5):
    rng = np.random.default_rng(seed)
    return rng, rng.normal(size=(count, width))


@settings(max_examples=20)
@given(SEEDS)
def test_the_order_of_ratings_of_one_taste_does_not_matter(seed):
    rng, values = data(seed)
    stars = rng.integers(1, 6, len(values)).astype(float)
    order = rng.permutation(len(values))
    one, other = fit(values, stars), fit(values[order], stars[order])
    for name in ("slope", "curve", "included", "moved"):
        assert np.allclose(getattr(one, name), getattr(other, name), atol=1e-6)


@settings(max_examples=20)
@given(SEEDS, st.floats(0.1, 50), st.floats(-100, 100))
def test_units_of_the_features_do_not_matter(seed, unit, origin):
    rng, values = data(seed)
    stars = np.where(values[:, 1] > 0, 4.0, 2.0) + rng.normal(size=len(values))
    one, other = fit(values, stars), fit(unit * values + origin, stars)
    assert np.allclose(one.slope, unit * other.slope, atol=1e-4)
    assert np.allclose(one.included, other.included, atol=1e-4)


def test_a_liked_feature_is_found_and_a_middle_value_too():
    rng, values = data(1)
    found = fit(values, np.where(values[:, 2] > 0, 4.0, 2.0) + 0.5 * rng.normal(size=30))
    assert found.moved > 0.95
    assert int(found.included.argmax()) == 2
    assert found.slope[2] > 0.3
    found = fit(values, np.where(np.abs(values[:, 3]) < 0.7, 4.0, 2.0) + 0.3 * rng.normal(size=30))
    assert int(found.included.argmax()) == 3
    assert found.curve[3] < 0


def test_stars_at_random_move_little():
    moved = []
    for seed in range(20):
        rng, values = data(seed)
        moved.append(fit(values, rng.integers(1, 6, len(values)).astype(float)).moved)
    assert np.median(moved) < 0.5


def test_equal_stars_and_equal_features_move_nothing():
    _, values = data(3)
    assert np.allclose(fit(values, np.full(30, 5.0)).slope, 0)
    assert np.allclose(fit(np.ones((30, 4)), np.arange(30.0)).slope, 0)


def test_unknown_values_count_as_the_mean():
    _, values = data(4)
    stars = np.where(values[:, 0] > 0, 5.0, 1.0)
    values[::3, 1] = np.nan
    values[:, 2] = np.nan
    found = fit(values, stars)
    assert np.isfinite(found.slope).all()
    assert found.slope[2] == 0
    assert found.slope[0] > 0.5


def test_a_change_of_taste_is_found():
    rng, values = data(5, 60)
    likes = (values[:, 0] > 0) == (np.arange(60) < 30)
    stars = np.where(likes, 4.0, 2.0) + 0.6 * rng.normal(size=60)
    assert 24 <= latest(values, stars) <= 36
    steady = np.where(values[:, 0] > 0, 4.0, 2.0) + 0.6 * rng.normal(size=60)
    assert latest(values, steady) == 0
