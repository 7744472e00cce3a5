import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stream.compose.melody.outline import parsed
from stream.compose.melody.tune_sets import BLOCK, SIZES, draw, matching, related, set_of


def line(key, kind="reel", mode="major", meter="8x24"):
    return f"{meter};{mode};{kind};{key};0;0;4;.4;4444;"


REELS = tuple(line(key) for key in range(12))
MINOR = tuple(line(key, mode="minor") for key in range(12))
JIGS = tuple(line(key, "jig", meter="6x24") for key in (0, 2, 7))


@given(st.integers(0, 2**31 - 1))
def test_a_stream_is_sets_of_two_to_four_tunes(seed):
    places = [set_of(seed, tune) for tune in range(5 * BLOCK)]
    groups = [list(g) for _, g in itertools.groupby(places, key=lambda place: place[0])]
    assert {len(g) for g in groups} <= set(SIZES)
    assert all([place for _, place in g] == [*range(len(g))] for g in groups)
    numbers = [g[0][0] for g in groups]
    assert numbers == sorted(set(numbers))
    # A tune knows its set without those before it.
    assert [set_of(seed, tune) for tune in range(5 * BLOCK)] == places


def test_all_sizes_occur_and_streams_differ():
    counts = {seed: [set_of(seed, tune)[0] for tune in range(120)] for seed in range(5)}
    sizes = {counts[0].count(number) for number in counts[0]}
    assert sizes == set(SIZES)
    assert len({tuple(c) for c in counts.values()}) == 5


def drawn(outlines, count, seed):
    return [draw(outlines, place, np.random.default_rng(seed)) for place in range(count)]


@given(st.integers(0, 2**31 - 1))
def test_tunes_of_a_set_share_type_and_follow_in_related_keys(seed):
    outlines = REELS + JIGS + MINOR
    chosen = drawn(outlines, 4, seed)
    tunes = [parsed(outlines[i]) for i in chosen]
    assert len({(t.bar, t.unit, t.kind) for t in tunes}) == 1
    if tunes[0].kind == "reel":
        assert len(set(chosen)) == 4
        assert all(related(a, b) for a, b in itertools.pairwise(tunes))


def test_without_a_related_key_another_of_the_type_follows():
    outlines = (line(0), line(1), *JIGS)
    for seed in range(20):
        chosen = drawn(outlines, 2, seed)
        assert set(chosen) == {0, 1} or all(i >= 2 for i in chosen)


def test_the_only_tune_of_a_type_is_played_again():
    outlines = (line(0),)
    assert drawn(outlines, 4, 1) == [0] * 4


@pytest.mark.parametrize(
    ("one", "other", "follows"),
    [
        (("major", 0), ("major", 7), True),
        (("major", 2), ("major", -5), True),
        (("major", 0), ("major", 10), True),
        (("major", 0), ("major", 1), False),
        (("major", 0), ("major", 3), False),
        (("major", 0), ("minor", 9), True),
        (("minor", 9), ("major", 0), True),
        (("major", 0), ("minor", 0), True),
        (("major", 0), ("minor", 7), False),
    ],
)
def test_related_keys(one, other, follows):
    first, second = (parsed(line(key, mode=mode)) for mode, key in (one, other))
    assert related(first, second) is follows


@given(st.floats(0, 1, exclude_max=True))
def test_a_matching_outline_has_the_bar_and_the_mode_if_there_is_one(share):
    outlines = JIGS + REELS + MINOR
    index = matching(outlines, parsed(line(5, "polka", "minor")), share)
    assert (parsed(outlines[index]).bar, parsed(outlines[index]).mode) == (8, "minor")
    assert index == len(JIGS + REELS) + int(share * 12)
    assert matching(outlines, parsed(line(5, meter="9x24")), share) == int(share * len(outlines))
