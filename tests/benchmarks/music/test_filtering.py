"""The precision of the filter beside chance, the listeners, and the page."""

import dataclasses
import json

import numpy as np
import pytest

from benchmarks.music.filtering import listeners, page, parts, precision
from benchmarks.music.filtering.precision import Held, Tried
from benchmarks.record import Record
from export.filter import thresholds
from export.filter.thresholds import Labeled
from stream.compose.filter.entropy import FEATURES
from stream.errors import SettingsError


def examples(seed, count=60):
    """Excerpts of which the real ones have higher entropies; four corrupted of each real one."""
    rng = np.random.default_rng(seed)
    good = np.arange(count) % 5 == 0
    values = rng.normal(2 + 2 * good[:, None], 0.5, (count, len(FEATURES))).clip(0.1, 9)
    kinds = np.where(good, "real", "one pitch")
    kinds[1::5] = "shuffled lengths"
    return Held(Labeled(values, good), kinds, np.arange(count) // 5)


@pytest.fixture
def every():
    return [
        Tried(style, examples(i).labeled, examples(i + 10).labeled, examples(i + 20, 200))
        for i, style in enumerate(("even", "odd"))
    ]


def test_precision_depends_on_the_share_of_real_ones():
    assert precision.precise(0.5, 0.5, 0.1) == pytest.approx(0.1)
    assert precision.precise(0.5, 0.05, 0.5) == pytest.approx(10 / 11)
    held = examples(0, 400)
    some = precision.shares(np.arange(400) % 2 == 0, held)
    assert some.precision(0.5).low < 0.5 < some.precision(0.5).high
    whole = precision.shares(held.labeled.good, held)
    assert whole.precision(0.1).value == 1
    assert whole.ratio > 1


def test_rules_beat_the_control_that_permuted_labels_give(every):
    bounds = {t.style: thresholds.strict(t.fit, t.valid) for t in every}
    found = precision.records(every, bounds)
    name = "precision at even odds, all corruptions"
    value = {r.system: r.value for r in found if r.measure == name and "even, " in r.set}
    assert value[precision.RULES] > 0.9
    assert value[precision.PERMUTED] < 0.7
    assert value[precision.METHOD] > 0.9
    base = [r for r in found if r.system == "examples"]
    assert [r.value for r in base] == [0.2, 0.2]
    assert base[0].paper == "40 pieces"


def test_the_classifier_may_reject_everything(every):
    tried = every[0]
    shown = Tried("even", tried.fit, Labeled(tried.valid.values, ~tried.valid.good), tried.held)
    passing = precision.chosen(precision.together([shown]), shown, [shown])(tried.held)
    assert passing.sum() in range(len(passing))


@pytest.fixture
def clips(monkeypatch):
    """Clips of which those of one instrument are liked more, and nothing else is."""
    rng = np.random.default_rng(1)
    single = np.arange(48) < 24
    ratings = 2.5 + single + rng.normal(0, 0.3, 48)
    features = rng.normal(2 + single[:, None], 0.3, (48, len(FEATURES)))
    made = listeners.Clips(features, ratings, single)
    monkeypatch.setattr(listeners, "read", lambda folder: made)
    monkeypatch.setattr(listeners, "REPEATS", 1)
    monkeypatch.setattr(listeners, "PERMUTATIONS", 400)
    monkeypatch.setattr(listeners.resampling, "DRAWS", 100)
    return made


def test_a_score_that_knows_the_kind_alone_does_not_hear_the_music(clips):
    rng = np.random.default_rng(2)
    good = np.arange(60) < 30
    found = listeners.records(None, rng.normal(2 + good[:, None], 0.3, (60, len(FEATURES))), good)
    pooled = {
        r.system: r.value for r in found
        if r.measure == listeners.SPEARMAN and "; all," in r.set and "corruptions" in r.set
    }  # fmt: skip
    assert pooled["RBF SVC"] > 0.5
    own = {r.set: r for r in found if r.system == "RBF SVC" and "corruptions" in r.set}
    inside = own[f"{listeners.FITTED}; {listeners.WITHIN}"]
    assert abs(inside.value) < 0.4
    assert "not significant" in inside.paper
    shown, significant = listeners.verdict(found)
    assert shown == 27
    assert significant < shown / 2
    text = page.page(found, "python -m benchmarks.music.filter")
    assert "## Listeners" in text
    assert "of 27 correlations are significant" in text


def test_correlations_are_exact():
    rng = np.random.default_rng(0)
    single = np.arange(40) < 20
    ratings = rng.normal(0, 1, 40)
    assert listeners.correlation(ratings, 2 * ratings) == pytest.approx(1)
    assert listeners.correlation(np.ones(40), ratings) == 0
    assert listeners.within(ratings * np.where(single, 1, -1), ratings, single) == pytest.approx(0)


def test_the_page_marks_what_is_missed(every):
    bounds = {t.style: {"pitch": (0.0, 9.0)} for t in every}
    found = precision.records(every, bounds)
    text = page.page(found, "python -m benchmarks.music.filter")
    assert "missed in 2 of 2 styles" in text
    assert "| even | entropy rules | 1.000" in text


def test_a_part_is_measured_while_the_others_stay(every, clips, tmp_path):
    bounds = {t.style: thresholds.strict(t.fit, t.valid) for t in every}
    found = precision.records(every, bounds)
    assert {parts.part_of(r) for r in found} == {parts.PRECISION}
    rows = [
        Record("RBF SVC", "66 entropies, test share 0.5: 1 good, 2 bad", "recall", "", 0.5),
        Record("entropy rules", "even, stream, K = 16", "candidates that pass", "", 0.5),
        Record("entropy rules", "real", parts.KINDS, "", 0.5),
        Record("entropies / sampling", "even, K = 16", "processor time", "", 0.5),
        *found,
    ]
    lines = ",".join(json.dumps(dataclasses.asdict(r)) for r in rows)
    (tmp_path / "filter.json").write_text(f"[{lines}]")
    kept = parts.kept("filter", (parts.PRECISION, parts.LISTENERS), tmp_path)
    assert [parts.part_of(r) for r in kept] == [parts.CLASSIFIERS, parts.STREAM, parts.STREAM]
    assert parts.kept("filter", parts.PARTS, tmp_path) == []
    values = np.random.default_rng(0).normal(2, 1, (8, len(FEATURES)))
    heard = listeners.records(None, values, np.arange(8) < 4)
    assert {parts.part_of(r) for r in heard} == {parts.LISTENERS}
    with pytest.raises(SettingsError, match="--parts rest: must be among classifiers"):
        parts.chosen("rest")
