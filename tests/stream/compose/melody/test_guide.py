import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose.melody.guide import OutlineGuide, Unguided, by_onset
from stream.compose.melody.outline import EQUAL, SIMILAR, Outline, Return
from stream.compose.melody.outline_context import OutlineContext
from stream.compose.melody.sampler import LENGTHS
from stream.compose.step import Point
from tests.stream.compose.melody.outlines import bar_of, returns

BAR = 48
FREE = [-1, -1, -1]
A = bar_of(0, 2, 4, 5)


def point(k):
    return Point(np.zeros((k, 4), np.float32), np.zeros((k, 9), np.float32))


def outline(related):
    bars = len(related)
    return Outline(4, 24, "major", lengths=(bars,), returns=tuple(related), counts=(4,) * bars)


def test_without_an_outline_nothing_changes():
    where = point(3)
    guide = Unguided(where)
    guide.update(np.zeros(3, np.int64), np.zeros((3, 3), np.int64))
    assert guide.step(np.array([0, 5, 96])) == (where, None)


def test_events_by_their_onset():
    tokens = [(0, 3, 5), (2, 3, 8), (4, 3, 0)]
    assert by_onset(tokens, LENGTHS) == {0: tokens[0], 12: tokens[1], 36: tokens[2]}
    assert by_onset([], LENGTHS) == {}


@st.composite
def played(draw):
    """An outline, how many of its bars have been played, and what each candidate would play."""
    related = draw(st.integers(1, 12).flatmap(returns))
    begin = draw(st.integers(0, len(related) - 1))
    k = draw(st.integers(1, 3))
    seed = draw(st.integers(0, 999))
    return outline(related), begin, k, np.random.default_rng(seed)


def bars_of(tokens):
    return [tokens[i : i + 4] for i in range(0, len(tokens), 4)]


@settings(deadline=None)
@given(played())
def test_equal_bars_are_copied_exactly_by_every_candidate(drawn):
    form, begin, k, rng = drawn
    past = [tuple(t) for bar in range(begin) for t in bar_of(*rng.integers(0, 48, 4).tolist())]
    guide = OutlineGuide(form, point(k), begin * BAR, by_onset(past, LENGTHS))
    contexts = OutlineContext(form)
    tunes = [list(past) for _ in range(k)]
    for step in range(4 * (form.bars - begin)):
        elapsed = np.full(k, 12 * step)
        where, force = guide.step(elapsed)
        # Each bar has four notes.
        told = contexts.at(begin * BAR + elapsed, np.full(k, step % 4))
        np.testing.assert_array_equal(where.context, told)
        free = np.array([bar_of(*rng.integers(0, 48, 1).tolist())[0] for _ in range(k)])
        tokens = np.where(force >= 0, force, free)
        guide.update(elapsed, tokens)
        for tune, token in zip(tunes, tokens.tolist(), strict=True):
            tune.append(tuple(token))
    for tune in tunes:
        bars = bars_of(tune)
        for at in range(begin, form.bars):
            if form.returns[at].likeness == EQUAL:
                assert bars[at] == bars[at - form.returns[at].lag]


def test_new_and_similar_bars_and_what_lies_beyond_are_free():
    form = outline([Return(), Return(1, SIMILAR), Return()])
    guide = OutlineGuide(form, point(1), 0, by_onset(A * 3, LENGTHS))
    for elapsed in range(0, 6 * BAR, 12):
        assert guide.step(np.array([elapsed]))[1].tolist() == [FREE]


def test_candidates_copy_what_each_has_played():
    guide = OutlineGuide(outline([Return(), Return(1, EQUAL)]), point(2), 0, {})
    first = np.array([(0, 3, 10), (7, 4, 10)])
    assert guide.step(np.zeros(2, np.int64))[1].tolist() == [FREE] * 2
    guide.update(np.zeros(2, np.int64), first)
    assert guide.step(np.array([48, 48]))[1].tolist() == first.tolist()
    # Where the source has no onset, and where one candidate is elsewhere.
    assert guide.step(np.array([48, 60]))[1].tolist() == [first[0].tolist(), FREE]
