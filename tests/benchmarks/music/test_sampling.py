"""The ablations of sampling, on a tiny voice with outlines."""

import argparse
import dataclasses

import numpy as np
import pytest

from benchmarks.ensemble.two_sample import Sample
from benchmarks.music import sampling
from benchmarks.music.real import (
    ablated,
    realism_table,
    resampled_areas,
    sampled_tunes,
    sampling_page,
)
from benchmarks.music.real.sampled_tunes import Wanted
from benchmarks.music.real.style_tunes import style_of
from stream.compose.filter.entropy import FEATURES
from stream.compose.step import Point
from stream.errors import SettingsError
from stream.music.stream_position import StreamPosition
from stream.voices.spec import read_spec
from tests.benchmarks.music.test_realism import melody
from tests.benchmarks.music.tunes import OUTLINED


def wanted(folder, tunes=2, streams=2):
    return Wanted(tunes, streams, 1, folder)


@pytest.mark.parametrize("name", [n for n in ablated.SYSTEMS if n != ablated.FP32])
def test_every_system_composes_the_same_outlines(name, tmp_path):
    made = dataclasses.replace(ablated.SYSTEMS[name], candidates=2)
    found = sampled_tunes.composed(name, made, OUTLINED, "even", wanted(tmp_path))
    assert [tune.number for tune in found] == [0, 1, 2, 3]
    plain = sampled_tunes.composed(
        "plain", ablated.System("plain", candidates=1), OUTLINED, "even", wanted(tmp_path)
    )
    assert [tune.bar for tune in found] == [tune.bar for tune in plain]
    assert all(tune.new >= tune.passed for tune in found)
    again = sampled_tunes.composed(name, made, OUTLINED, "even", wanted(tmp_path))
    assert [t.tokens.tolist() for t in again] == [t.tokens.tolist() for t in found]


def test_the_shipped_way_is_the_composers_own():
    made = ablated.SYSTEMS[ablated.SHIPPED]
    own, plain = made.composer(OUTLINED), ablated.Composer(OUTLINED)
    assert made.candidates == made.controls("even").candidates == 16
    request = StreamPosition(3, made.controls("even")).request
    assert own.compose(request) == plain.compose(request)
    sampled = ablated.System("the same by another class", ablated.Sampled).composer(OUTLINED)
    assert sampled.compose(request) == plain.compose(request)


def test_rules_are_left_out():
    made = dataclasses.replace(ablated.SYSTEMS["without entropy rules"], candidates=2)
    composer = made.composer(OUTLINED)
    table = composer.evaluate(composer.context(StreamPosition(1, made.controls("even")).request))
    names = {rule.name for rules in table.table for rule in rules}
    assert names
    assert names.isdisjoint(FEATURES)
    none = dataclasses.replace(ablated.SYSTEMS["K = 1 and no rule"], candidates=2)
    composer = none.composer(OUTLINED)
    found = composer.evaluate(composer.context(StreamPosition(1, none.controls("even")).request))
    assert found.verdict.accepted == found.verdict.candidates == 2


def test_the_memory_is_emptied_and_the_recurrent_state_is_kept():
    spec = read_spec(OUTLINED)
    width = int(spec.model["hidden"]) * int(spec.model["depth"])
    step, plain = ablated.Forgetful(OUTLINED), ablated.Step(OUTLINED)
    point = Point(
        np.zeros((2, spec.latent), np.float32), np.zeros((2, len(spec.tags)), np.float32),
        context=np.zeros((2, spec.context), np.float32),
    )  # fmt: skip
    noise = np.full((2, 3), 0.5, np.float32)
    # The first event is remembered once the second one begins.
    begun = plain(plain.initial().tiled(2), point, noise).state
    one, other = (each(begun, point, noise).state for each in (step, plain))
    assert not one.states[0][:, width:].any()
    assert other.states[0][:, width:].any()
    assert (one.states[0][:, :width] == other.states[0][:, :width]).all()


def test_a_difference_of_the_same_tunes_is_nothing():
    rng = np.random.default_rng(0)
    real = Sample(rng.normal(0, 1, (40, 5)), np.arange(40))
    made = Sample(rng.normal(3, 1, (30, 5)), -1 - np.arange(30))
    worse = resampled_areas.pairs(real, made, 1)
    even = resampled_areas.pairs(real, Sample(real.features[:30], made.groups), 1)
    assert worse.area > 0.9 > even.area
    assert worse.area == pytest.approx(resampled_areas.area(worse).value)
    same = resampled_areas.difference(worse, worse)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    assert not same.without_zero
    assert resampled_areas.difference(worse, even).low > 0


def test_the_page_has_a_row_for_each_system(tmp_path, monkeypatch):
    monkeypatch.setattr(realism_table, "BOOSTS", 3)
    monkeypatch.setattr(sampling, "OTHERS", ("chain of order 3",))
    monkeypatch.setattr(sampling.realism, "LENGTHS", {"even": (16,)})
    corpus = [melody(i, "train" if i < 40 else "valid") for i in range(70)]
    args = argparse.Namespace(excerpts=12, seeds=1)
    names = [ablated.SHIPPED, "K = 1"]
    systems = {
        n: sampled_tunes.composed(
            n, dataclasses.replace(ablated.SYSTEMS[n], candidates=1), OUTLINED, "even",
            wanted(tmp_path, 12, 1),
        )
        for n in names
    }  # fmt: skip
    judge = sampling.judge_of(style_of("even", corpus, [], 12), corpus, args)
    found = sampling.judged(judge, systems)
    text = sampling_page.page(found, "python -m benchmarks.music.sampling")
    assert "## Even" in text
    for name in (*names, *sampling.OTHERS):
        assert f"\n| {name} |" in text
    less = [r for r in found if r.measure == f"AUC less that {ablated.SHIPPED}"]
    assert [r.system for r in less] == ["K = 1"]


def test_systems_are_named_with_commas():
    assert sampling.named("K = 1,as shipped") == [ablated.SHIPPED, "K = 1"]
    with pytest.raises(SettingsError, match="--systems K = 2: must be among as shipped"):
        sampling.named("K = 2")
