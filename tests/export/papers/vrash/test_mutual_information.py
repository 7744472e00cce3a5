import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from export.papers.vrash.mutual_information import (
    Pool,
    area,
    curve,
    entropy,
    mutual_information,
    slope,
)

SERIES = st.lists(st.lists(st.integers(0, 4), min_size=6, max_size=30), min_size=2, max_size=6)


def tunes_of(rng, count, length, next_note):
    """Tunes whose note i is `next_note(rng, earlier notes)`."""
    made = []
    for _ in range(count):
        tune = []
        for _ in range(length):
            tune.append(next_note(rng, tune))
        made.append(np.array(tune))
    return made


def points(tunes, distances, **effort):
    return curve(Pool.of(tunes), distances, **{"shuffles": 20, "resamples": 0, **effort})


def test_grassberger_on_small_counts():
    # G(1) = -gamma - ln 2, G(2) = G(3) = 2 + G(1), G(4) = G(2) + 2/3
    one = -np.euler_gamma - math.log(2)
    two, four = 2 + one, 2 + one + 2 / 3
    cases = {
        (1,): -one,
        (2, 0): math.log(2) - two,
        (3, 1): math.log(4) - (3 * two + one) / 4,
        (4,): math.log(4) - four,
    }
    for counts, nats in cases.items():
        assert entropy(np.array(counts)) == pytest.approx(nats / math.log(2), abs=1e-12)


@given(st.integers(2, 12), st.integers(0, 5))
@settings(max_examples=20)
def test_entropy_of_some_draws_is_nearly_free_of_bias(classes, seed):
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(20 * classes, np.full(classes, 1 / classes), 1000)
    assert entropy(counts).mean() == pytest.approx(math.log2(classes), abs=0.03)


@given(st.integers(2, 6), st.integers(0, 9))
@settings(max_examples=20)
def test_information_ignores_names_and_sides(classes, seed):
    rng = np.random.default_rng(seed)
    joint = rng.integers(0, 9, (3, classes, classes))
    bits = mutual_information(joint)
    order = rng.permutation(classes)
    assert mutual_information(joint.swapaxes(1, 2)) == pytest.approx(bits, abs=1e-9)
    assert mutual_information(joint[:, order][:, :, order]) == pytest.approx(bits, abs=1e-9)


@given(SERIES, st.integers(1, 4))
@settings(max_examples=30)
def test_pairs_are_counted_within_tunes(series, distance):
    pool = Pool.of([np.array(s) for s in series])
    kinds = sorted({n for s in series for n in s})
    expected = np.zeros((len(series), pool.classes, pool.classes))
    for i, tune in enumerate(series):
        for a, b in zip(tune, tune[distance:], strict=False):
            expected[i, kinds.index(a), kinds.index(b)] += 1
    assert (pool.joint(distance) == expected.reshape(len(series), -1)).all()
    assert pool.pairs(distance) == expected.sum()


@given(SERIES, st.integers(0, 9))
@settings(max_examples=30)
def test_shuffled_tunes_keep_their_notes(series, seed):
    pool = Pool.of([np.array(s) for s in series])
    shuffled = pool.shuffled(np.random.default_rng(seed))
    assert (shuffled.tune == pool.tune).all()
    for i in range(pool.tunes):
        assert sorted(shuffled.tokens[pool.tune == i]) == sorted(pool.tokens[pool.tune == i])


def test_independent_notes_share_nothing():
    rng = np.random.default_rng(0)
    tunes = tunes_of(rng, 200, 100, lambda r, _: r.integers(12))
    found = points(tunes, [1, 8, 64])
    assert np.abs(found.plain).max() < 0.004
    assert np.abs(found.beyond).max() < 0.004


def test_a_markov_chain_has_the_information_of_its_matrix():
    # Two notes, kept with probability 0.9: I(d) = 1 - H((1 + 0.8^d) / 2) bits.
    rng = np.random.default_rng(1)
    tunes = tunes_of(
        rng, 300, 200, lambda r, t: r.integers(2) if not t else t[-1] ^ (r.random() < 0.1)
    )
    distances = [1, 2, 4, 8]
    same = (1 + 0.8 ** np.array(distances)) / 2
    exact = 1 + same * np.log2(same) + (1 - same) * np.log2(1 - same)
    assert points(tunes, distances).plain == pytest.approx(exact, abs=0.01)


def test_a_copy_is_found_at_its_distance_alone():
    rng = np.random.default_rng(2)
    tunes = tunes_of(rng, 200, 80, lambda r, t: t[-16] if len(t) >= 16 else r.integers(8))
    found = points(tunes, [15, 16, 17, 32])
    assert found.plain[[1, 3]] == pytest.approx([3.0, 3.0], abs=0.01)
    assert found.beyond[1] > 2.5
    assert found.plain[[0, 2]].max() < 0.05


def test_what_a_tune_is_made_of_goes_with_its_shuffles():
    # Each tune has two notes of its own, in random order.
    rng = np.random.default_rng(3)
    tunes = [rng.integers(2, size=100) + 2 * rng.integers(4) for _ in range(200)]
    found = points(tunes, [1, 16])
    assert found.plain == pytest.approx([2.0, 2.0], abs=0.02)
    assert found.beyond == pytest.approx([0.0, 0.0], abs=0.02)


def test_resampling_gives_the_spread_of_the_estimate():
    # 30 repetitions of the experiment spread as much as the resamples of one of them say.
    def readings(seed, resamples):
        rng = np.random.default_rng(seed)
        tunes = [rng.integers(2, size=40) + 2 * rng.integers(3) for _ in range(60)]
        return points(tunes, [4], shuffles=2, resamples=resamples)

    spread = np.std([readings(seed, 0).plain[0] for seed in range(30)])
    draws = readings(0, 200).plain_draws[:, 0]
    assert draws.mean() == pytest.approx(readings(0, 0).plain[0], abs=1e-9)
    assert 0.5 * spread < draws.std() < 2 * spread


def test_area_and_slope():
    d = np.arange(1, 129)
    bits = np.stack([np.ones(128), 4.0 * d**-0.5, np.where(d % 4, -1.0, 1.0)])
    assert area(d, bits[:1], 16, 128) == pytest.approx([112.0])
    assert slope(d, bits, 8, 128) == pytest.approx([0.0, -0.5, math.nan], nan_ok=True, abs=1e-9)
    assert slope(d, bits[1], 8, 128) == pytest.approx(-0.5)
