import dataclasses

import numpy as np
import pytest

from benchmarks.music import baselines
from benchmarks.music.corpora import as_learned
from stream.compose.step import Step
from tests.benchmarks.music.tunes import OUTLINED, TINY, melody


def test_segments_hold_the_tune_and_no_more():
    tune = melody(1, 150)
    pieces = baselines.cut([tune, melody(2, 64)])
    assert [len(p.tokens) for p in pieces] == [64, 64, 22, 64]
    assert np.array_equal(np.concatenate([p.tokens for p in pieces[:3]]), tune.tokens)
    assert dataclasses.replace(pieces[2], tokens=tune.tokens) is not tune
    assert {(p.group, p.split, p.bar) for p in pieces[:3]} == {(1, "train", 8)}


def test_a_gap_is_a_mean_over_events_and_its_interval_one_over_tunes():
    ours, theirs = np.ones(10), np.array([2.0] * 4 + [3.0] * 6)
    value, low, high = baselines.gap(ours, theirs, np.repeat([3, 8], [4, 6]))
    assert (value, low, high) == pytest.approx((1.6, 1.0, 2.0))
    assert baselines.gap(ours, ours + 0.5, np.repeat([0, 1], [3, 7])) == pytest.approx(
        (0.5, 0.5, 0.5)
    )


SPLITS = ["train"] * 4 + ["valid", "valid", "test", "test"]
TUNES = [melody(i, 32 + i, "even" if i % 2 else "odd", s) for i, s in enumerate(SPLITS)]
COUNTED = [*map(baselines.witten_bell, baselines.ORDERS), baselines.STATIC, baselines.ADAPTIVE]
SETS = [
    "test set", "odd, test set", "even, test set",
    "first 32 events of a tune, test set", "later events, test set",
]  # fmt: skip


@pytest.mark.parametrize(
    ("voice", "names"),
    [
        (TINY, ["tiny"]),
        (OUTLINED, [f"tiny_outlined, told {what}" for what in ("the outline", "the chords",
                                                               "nothing")]),
    ],
)  # fmt: skip
def test_every_system_is_scored_on_both_sets_and_compared_by_style(voice, names):
    step = Step(voice)
    found = baselines.records(step, as_learned(TUNES, step.spec))
    both = [*COUNTED, *names]
    assert [r.system for r in found if r.set == "validation set"] == both
    assert {r.system for r in found if r.set == "test set" and r.measure == "causal"} == set(both)
    assert list(dict.fromkeys(r.set for r in found)) == ["validation set", *SETS]
    for name in SETS:
        values = {r.system: r.value for r in found if r.set == name and r.measure == "causal"}
        for system in names:
            own = [r for r in found if (r.system, r.set) == (system, name) and r.paper]
            gains = {r.measure.removeprefix("gain on "): r.value for r in own}
            assert list(gains)[1:] == [baselines.STATIC, baselines.ADAPTIVE]
            for rival, gain in gains.items():
                assert gain == pytest.approx(values[rival] - values[system])


def test_only_a_voice_that_knows_no_more_than_its_rival_is_held_against_the_goal():
    step = Step(OUTLINED)
    found = baselines.records(step, as_learned(TUNES, step.spec))
    judged = {r.system for r in found if r.paper and "at least" in r.paper}
    told = {r.system for r in found if r.paper and "which the other is not" in r.paper}
    assert judged == {"tiny_outlined, told nothing"}
    assert told == {"tiny_outlined, told the outline", "tiny_outlined, told the chords"}
