import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose.melody.guide import OutlineGuide, by_onset
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
    return Outline(
        4,
        24,
        "major",
        lengths=(bars,),
        returns=tuple(related),
        counts=(4,) * bars,
        registers=(5,) * bars,
    )


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
        guide.update(np.ones(k, bool), elapsed, tokens)
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
    guide.update(np.ones(2, bool), np.zeros(2, np.int64), first)
    assert guide.step(np.array([48, 48]))[1].tolist() == first.tolist()
    # Where the source has no onset, and where one candidate is elsewhere.
    assert guide.step(np.array([48, 60]))[1].tolist() == [first[0].tolist(), FREE]


def test_those_that_wait_stay_as_they_are():
    form = outline([Return(), Return(1, EQUAL)])
    guide, other = OutlineGuide(form, point(2), 0, {}), OutlineGuide(form, point(2), 0, {})
    tokens = np.array([(0, 3, 10), (7, 4, 10)])
    guide.update(np.array([True, False]), np.zeros(2, np.int64), tokens)
    other.update(np.ones(2, bool), np.zeros(2, np.int64), tokens)
    assert guide.step(np.array([48, 48]))[1].tolist() == [tokens[0].tolist(), FREE]
    at = np.array([24, 24])
    counted, all_counted = guide.step(at)[0].context, other.step(at)[0].context
    np.testing.assert_array_equal(counted[0], all_counted[0])
    assert (counted[1] != all_counted[1]).any()


def test_candidates_are_replaced_as_a_whole():
    form = outline([Return(), Return(1, EQUAL)])
    guide = OutlineGuide(form, point(3), 0, {})
    tokens = np.array([(0, 3, 10), (7, 4, 10), (9, 4, 5)])
    guide.update(np.array([True, True, False]), np.zeros(3, np.int64), tokens)
    before = guide.step(np.array([48] * 3))
    guide.take(np.array([1, 1, 2]))
    after = guide.step(np.array([48] * 3))
    for old, new in ((before[0].context, after[0].context), (before[1], after[1])):
        np.testing.assert_array_equal(new, old[[1, 1, 2]])
    assert list(guide.tunes()) == [({0: (7, 4, 10)}, 0)] * 2 + [({}, 0)]
    # Each has a tune of its own from here on.
    guide.update(np.array([True, False, False]), np.full(3, 24), tokens)
    assert [len(events) for events, _ in guide.tunes()] == [2, 1, 0]


def test_bar_lines_of_a_phrase():
    form = outline([Return()] * 4)
    assert OutlineGuide(form, point(1), 0, {}).bar_lines(192) == [48, 96, 144, 192]
    assert OutlineGuide(form, point(1), 60, {}).bar_lines(132) == [36, 84, 132]
    assert OutlineGuide(form, point(1), 0, {}).bar_lines(30) == [30]
