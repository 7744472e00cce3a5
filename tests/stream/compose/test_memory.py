"""The memory of a tune: bars that return by the controls."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stream.compose import memory
from stream.compose.composer import Composer
from stream.compose.memory import LOOP
from stream.compose.tune_plan import plan_tune
from stream.music.note import Controls, PhraseRequest
from stream.music.stream_position import StreamPosition
from stream.voices.spec import find_voice
from tests.stream.compose.conftest import CHORALE, LEAD, OUTLINED, PIANO, TINY

SHARES = st.floats(0, 1)
COMMONS = find_voice("commons")
EVERY_KIND = [TINY, OUTLINED, CHORALE, PIANO, LEAD]


def request(pitch, rhythm, seed=3, **more):
    return PhraseRequest(
        0, 1, seed, controls=Controls(pitch_memory=pitch, rhythm_memory=rhythm), **more
    )


def stream(voice, seed, tunes, **controls):
    """The phrases of the tunes of a stream behind its first, with their requests.

    The rest before the first note of a stream is left out, so that its first bar is another one.
    """
    composer = Composer(voice)
    given = Controls(**{"candidates": 2, "ensemble": "solo", **controls})
    position = StreamPosition(seed, given, index=20, tune=1, opened=20)
    found = [[] for _ in range(tunes)]
    while position.tune <= tunes:
        asked = position.request
        phrase = composer.compose(asked)
        found[position.tune - 1].append((asked, phrase))
        position = position.after(phrase)
    return found


def phrases(voice, seed, tunes=1, **controls):
    return [[phrase for _, phrase in tune] for tune in stream(voice, seed, tunes, **controls)]


def bars_of(tune):
    """The notes of each bar of what was composed: onset in the bar, duration, pitch."""
    new = [p for p in tune if p.verdict.candidates]
    bar, begin, found = new[0].bar, 0, {}
    for phrase in new:
        for n in phrase.notes:
            at, onset = divmod(begin + n.onset, bar)
            found.setdefault(at, []).append((onset, n.duration, n.pitch))
        begin += phrase.length
    return [found.get(at, []) for at in range(-(-begin // bar))]


def pitches(bar):
    return [pitch for *_, pitch in bar]


def rhythm(bar):
    return [(onset, duration) for onset, duration, _ in bar]


def pairs(bars):
    """Each bar with the one four bars before it, but for the first and the last."""
    return list(zip(bars[LOOP:-1], bars, strict=False))


@given(SHARES, SHARES, st.integers(0, 2**63 - 1), st.integers(1, 60), st.integers(-1, 60))
def test_bars_return_more_often_the_higher_the_controls(one, other, seed, bars, closing):
    low, high = sorted([one, other])
    few = memory.recall(request(low, high, seed), bars, closing)
    assert len(few.pitch) == len(few.rhythm) == bars
    assert not (few.pitch & ~few.rhythm).any()
    np.testing.assert_array_equal(few.whole, few.pitch)
    more = memory.recall(request(high, low, seed), bars + 9, closing)
    np.testing.assert_array_equal(more.pitch[:bars], few.rhythm)
    for found in (few.pitch, few.rhythm):
        assert not found[:LOOP].any()
        assert not found[closing : closing + 1].any() or closing < 0


def test_no_bar_returns_at_0_and_all_at_1_but_the_first_and_the_last():
    found = memory.recall(request(0.0, 1.0), 20, closing=19)
    assert not found.pitch.any()
    assert np.flatnonzero(~found.rhythm).tolist() == [0, 1, 2, 3, 19]


@given(st.floats(0.05, 0.95))
def test_the_control_is_the_share_of_the_bars_that_return(share):
    needed = memory.settings((np.arange(4000) + 0.5) / 4000)
    assert abs((needed < share).mean() - share) < 0.002
    # A phrase begins as the one before it, and ends in another way.
    assert (np.diff(needed) >= 0).all()


def test_tunes_remember_other_bars():
    asked = request(0.5, 0.5)
    found = {
        memory.recall(dataclasses.replace(asked, tune=tune), 32).pitch.tobytes()
        for tune in range(9)
    }
    assert len(found) > 6


def test_rules_against_what_is_asked_for_are_opened():
    composer = Composer(COMMONS)
    for pitch, rhythm, returning in ((0.5, 0.5, 1.0), (1.0, 0.0, None), (0.0, 0.0, None)):
        asked = request(pitch, rhythm)
        plan = plan_tune(composer.spec, asked)
        loose = memory.loosened(plan, asked)
        assert loose.returning == (returning or plan.returning)
        assert (loose is plan) == (not pitch)
        assert loose.longest_copy == plan.longest_copy
        for name, (low, high) in loose.bounds.items():
            assert low in ((0.0,) if pitch else (plan.bounds[name][0],))
            assert high == plan.bounds[name][1] or "_min_" in name
    assert not memory.remembers(request(1.0, 1.0, call=96))


@settings(max_examples=8, deadline=None)
@given(st.sampled_from([OUTLINED, TINY, CHORALE, PIANO, LEAD]), st.integers(0, 2**40))
def test_without_memory_each_byte_is_as_before(voice, seed):
    """At 0 the composer gets the very plan and draws nothing."""
    plain = phrases(voice, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "recall", None)
        patch.setattr(memory, "loosened", lambda plan, request: plan)
        assert phrases(voice, seed, pitch_memory=0.0, rhythm_memory=0.0) == plain


@settings(max_examples=6, deadline=None)
@given(st.integers(0, 2**40), st.sampled_from(["folk", "hymn", "bach"]))
def test_at_1_a_tune_is_a_loop(seed, style):
    """All bars are equal to those four before, but for the last, with which the tune closes."""
    whole = {"pitch_memory": 1.0, "rhythm_memory": 1.0}
    (tune,) = phrases(COMMONS, seed, style=(((style, 1.0),),), **whole)
    bars = bars_of(tune)
    for here, earlier in pairs(bars):
        assert here == earlier


@pytest.mark.parametrize(
    ("name", "own", "other"),
    [("pitch_memory", pitches, rhythm), ("rhythm_memory", rhythm, pitches)],
)
def test_each_control_alone_locks_its_own_and_leaves_the_other_to_the_voice(name, own, other):
    found = []
    for seed in range(3):
        (tune,) = phrases(COMMONS, seed, style=((("hymn", 1.0),),), **{name: 1.0, "candidates": 8})
        found += pairs(bars_of(tune))
    assert sum(own(here) == own(earlier) for here, earlier in found) >= 0.75 * len(found)
    assert sum(other(here) == other(earlier) for here, earlier in found) < 0.75 * len(found)


@settings(max_examples=6, deadline=None)
@given(st.sampled_from([OUTLINED, TINY]), st.integers(0, 2**40), SHARES, SHARES)
def test_any_setting_plays_with_any_voice(voice, seed, pitch, rhythm):
    for tune in phrases(voice, seed, tunes=2, pitch_memory=pitch, rhythm_memory=rhythm):
        assert tune[-1].closing
        assert all(p.notes or not p.verdict.candidates for p in tune)


def test_a_lock_ends_with_its_tune():
    first, second = (
        bars_of(tune) for tune in phrases(COMMONS, 5, tunes=2, pitch_memory=1.0, rhythm_memory=1.0)
    )
    assert not {str(bar) for bar in first} & {str(bar) for bar in second}


@pytest.mark.parametrize("voice", [CHORALE, PIANO, LEAD], ids=lambda v: v.stem)
def test_bars_of_several_parts_return_as_a_whole(voice):
    (tune,) = phrases(voice, 3, pitch_memory=1.0, rhythm_memory=1.0)
    bars = pairs(bars_of(tune))
    assert sum(pitches(here) == pitches(earlier) for here, earlier in bars) > 0.5 * len(bars)
    plain = phrases(voice, 3)
    for one in ("pitch_memory", "rhythm_memory"):
        # A frame holds both, so that one of them alone has nothing to hold.
        alone = [[p.notes for p in tune] for tune in phrases(voice, 3, **{one: 1.0})]
        assert alone == [[p.notes for p in tune] for tune in plain]


@settings(max_examples=6, deadline=None)
@given(st.sampled_from(EVERY_KIND), st.integers(0, 2**40), SHARES, SHARES)
def test_what_was_chosen_is_composed_again(voice, seed, pitch, rhythm):
    """A recording names the candidate that played; the same request gives it again."""
    (tune,) = stream(voice, seed, 1, pitch_memory=pitch, rhythm_memory=rhythm)
    again = Composer(voice)
    for asked, phrase in tune:
        made = again.recreate(asked, phrase.verdict.chosen)
        assert (made.notes, made.length) == (phrase.notes, phrase.length)
