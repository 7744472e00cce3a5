import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.filter.bloom import Bloom

HASHES = st.lists(st.integers(0, 2**64 - 1), max_size=60)


@given(HASHES, HASHES)
def test_a_member_is_never_forgotten(first, second):
    bloom = Bloom.empty(64, 5)
    for keys in (first, second):
        bloom.add(np.array(keys, np.uint64))
    assert bloom.holds(np.array(first + second, np.uint64)).all()


def test_few_others_look_like_members():
    rng = np.random.default_rng(1)
    members, others = rng.integers(0, 2**64, (2, 20_000), np.uint64)
    shares = []
    for size, probes in ((20_000, 5), (40_000, 8)):
        bloom = Bloom.empty(size, probes)
        bloom.add(members)
        shares.append(bloom.holds(others.reshape(200, 100)).mean())
    assert 0.015 < shares[0] < 0.03
    assert shares[1] < 0.002


def test_an_empty_filter_holds_nothing():
    assert not Bloom.empty(1, 3).holds(np.arange(100, dtype=np.uint64)).any()
