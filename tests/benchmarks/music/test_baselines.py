import dataclasses
import math
import pathlib

import numpy as np
import pytest

from benchmarks.music import baselines
from export.corpus.dataset import tag_vector
from export.corpus.tune import Melody
from stream.compose.melody.vocabulary import REST, REST_OCTAVE
from stream.compose.step import Point, Step

TINY = pathlib.Path(__file__).parents[2] / "data" / "tiny.onnx"


@pytest.fixture(scope="module")
def step():
    return Step(TINY)


def melody(seed, events, style="even", split="train"):
    rng = np.random.default_rng(seed)
    tokens = np.stack([rng.integers(n, size=events) for n in (5, 3, 4)], 1).astype(np.uint8)
    tokens[::7] = REST, REST_OCTAVE, 5
    return Melody(tokens, f"tune {seed}", style, seed, 24, 8, "major", split)


def test_tunes_scored_in_parallel_need_as_many_bits_as_alone(step, monkeypatch):
    monkeypatch.setattr(baselines, "ROWS", 2)
    tunes = [melody(1, 9), melody(2, 4, "odd"), melody(3, 6)]
    styles = baselines.styles_of(step.spec)
    for tune, read in zip(tunes, baselines.voice_bits(step, tunes), strict=True):
        point = Point(
            np.array([step.spec.styles[tune.style].mean], np.float32),
            tag_vector(tune, styles)[None],
        )
        state, alone = step.initial(), []
        for event in tune.tokens.astype(np.int64):
            out = step(state, point, np.zeros((1, 3), np.float32), event[None])
            state = out.state
            alone.append(-float(out.log_prob[0]) / math.log(2))
        assert read == pytest.approx(alone, abs=1e-4)


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


def test_every_system_is_scored_on_both_sets_and_compared_by_style(step, monkeypatch):
    monkeypatch.setattr(baselines, "VOICE", "tiny")
    splits = ["train"] * 4 + ["valid", "valid", "test", "test"]
    tunes = [melody(i, 32 + i, "even" if i % 2 else "odd", s) for i, s in enumerate(splits)]
    found = baselines.records(step, tunes)
    systems = [baselines.witten_bell(n) for n in range(1, 10)]
    both = [*systems, baselines.STATIC, baselines.ADAPTIVE, "tiny"]
    assert [r.system for r in found if r.set == "validation set"] == both
    assert {r.system for r in found if r.set == "test set" and r.measure == "causal"} == set(both)
    sets = ["test set", "odd, test set", "even, test set"]
    sets += ["first 32 events of a tune, test set", "later events, test set"]
    assert list(dict.fromkeys(r.set for r in found)) == ["validation set", *sets]
    for name in sets:
        values = {r.system: r.value for r in found if r.set == name and r.measure == "causal"}
        gains = {r.measure: r.value for r in found if r.set == name and r.unit and r.paper}
        rivals = [m.removeprefix("gain on ") for m in gains]
        assert rivals[1:] == [baselines.STATIC, baselines.ADAPTIVE]
        for rival in rivals:
            assert gains[f"gain on {rival}"] == pytest.approx(values[rival] - values["tiny"])
