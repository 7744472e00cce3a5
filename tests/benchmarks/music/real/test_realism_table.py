import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.music.real import realism_table
from benchmarks.music.real.melody_controls import looped, shuffled
from benchmarks.music.real.neutral import Neutral, excerpt, excerpts
from benchmarks.music.real.realism_table import features_of
from benchmarks.music.real.surprise import chains_of

BAR, UNIT = 48, 12


def tune(seed, notes=80, group=0):
    rng = np.random.default_rng(seed)
    duration = rng.choice([6, 12, 12, 24], notes)
    rest = rng.choice([0, 0, 0, 0, 12], notes)
    onset = np.cumsum(duration + rest) - duration - rest
    pitch = 62 + np.cumsum(rng.integers(-2, 3, notes)) % 15
    return Neutral(pitch, onset, duration, BAR, UNIT, group)


def same(one, other):
    assert one.keys() == other.keys()
    assert list(one.values()) == pytest.approx(list(other.values()), nan_ok=True)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1000), st.integers(-30, 30), st.sampled_from([1, 2, 5]))
def test_neither_key_nor_register_nor_note_length_is_a_feature(seed, semitones, longer):
    plain = tune(seed)
    moved = dataclasses.replace(
        plain,
        pitch=plain.pitch + semitones,
        onset=plain.onset * longer,
        duration=plain.duration * longer,
        bar=BAR * longer,
        unit=UNIT * longer,
    )
    same(features_of(excerpt(plain, 8, 64)), features_of(excerpt(moved, 8, 64)))


def test_two_bars_in_a_loop_are_like_themselves_after_every_second_bar():
    loop = looped(tune(3, 120), np.random.default_rng(0))
    found = features_of(excerpt(loop, 0, 64))
    for lag in (2, 4, 6, 8):
        assert found[f"return: sounding after {lag} bars"] == 1
        assert found[f"return: notes after {lag} bars"] == 1
        assert found[f"return: onsets after {lag} bars"] == 1
    assert found["return: sounding after 1 bars"] < 1
    assert found["return: sounding at bars less other lags"] > 0.2
    assert found["halves: pitch classes"] < 0.1
    assert found["bars: exact returns"] > 0.7


def test_a_scale_in_even_notes_has_the_features_of_one():
    pitch = np.array([60, 62, 64, 65, 67, 69, 71, 72] * 4)
    part = Neutral(pitch, 12 * np.arange(32), np.full(32, 12), BAR, UNIT)
    found = features_of(part)
    whole = {
        "key: degree 0": 1 / 4, "key: degree 1": 0, "key: in the scale": 1, "key: minor": 0,
        "strong: degree 0 at bar lines": 1 / 2, "strong: degree 7 at bar lines": 1 / 2,
        "interval: widest": 12, "interval: upward": 28 / 31, "interval: upward steps": 1,
        "interval: upward leaps": 0, "motion: leaps that a step back follows": 1,
        "motion: leaps that a leap follows": 0, "motion: longest way in one direction": 7,
        "repeats: share": 0, "repeats: longest run of one pitch": 1, "contour: range": 12,
        "duration: 12/12": 1, "duration: ratio 1:1": 1, "duration: entropy": 0,
        "place: units in a bar": 4, "place: syncopated": 0, "density: notes in a bar": 4,
        "density: spread": 0, "rests: share of the time": 0, "cadence: bar 2, tonic": 1,
        "cadence: bar 2, length": 1 / 4, "halves: pitch classes": 0, "halves: time": 0,
        "return: sounding after 2 bars": 1, "return: sounding after 1 bars": 0,
        "return: onsets after 1 bars": 1, "lag: pitch after 8 notes": 1,
        "lag: pitch after 4 notes": 0, "bars: varied returns": 0, "bars: exact returns": 5 / 6,
    }  # fmt: skip
    assert {name: found[name] for name in whole} == pytest.approx(whole)


def test_bars_in_another_order_have_the_same_notes_but_other_returns():
    plain = looped(tune(5, 120), np.random.default_rng(0))
    plain = dataclasses.replace(plain, pitch=plain.pitch + plain.onset // (4 * BAR))
    other = shuffled(plain, np.random.default_rng(1))
    one, two = (features_of(part) for part in (plain, other))
    stays = ("key: degree", "duration: 12/12", "place: onsets", "contour: range", "density: notes")
    for name in one:
        if name.startswith(stays):
            assert one[name] == pytest.approx(two[name], abs=0.03), name
    assert one["return: notes after 2 bars"] > two["return: notes after 2 bars"] + 0.3


def test_trees_tell_loops_from_tunes_but_not_tunes_from_tunes(monkeypatch):
    monkeypatch.setattr(realism_table, "BOOSTS", 20)
    tunes = [tune(seed, 100, seed) for seed in range(120)]
    rng = np.random.default_rng(0)
    chains = chains_of([tune(1000 + seed) for seed in range(20)])
    loops = [looped(each, rng) for each in tunes]
    real, more, other = (excerpts(t, 32, 1, rng) for t in (tunes[:60], tunes[60:], loops[:60]))
    assert np.mean(realism_table.auc_of(real, more, chains, 2)) < 0.7
    assert np.mean(realism_table.auc_of(real, other, chains, 2)) > 0.95


def test_what_differs_is_listed_with_its_medians(monkeypatch):
    monkeypatch.setattr(realism_table, "BOOSTS", 10)
    chains = chains_of([tune(1000 + seed) for seed in range(20)])
    one, two = ([tune(50 * s + i, 64, 50 * s + i) for i in range(50)] for s in range(2))
    two = [dataclasses.replace(t, pitch=np.repeat(t.pitch[::2], 2)) for t in two]
    tables = [realism_table.feature_table(part, chains) for part in (one, two)]
    found = realism_table.differences(*tables)
    groups = [d for d in found if d.medians is None]
    assert {d.name: d.alone for d in groups}["repeats"] > 0.95
    assert [d.alone for d in groups] == sorted((d.alone for d in groups), reverse=True)
    features = {d.name: d for d in found if d.medians is not None}
    assert len(features) == realism_table.SHOWN
    assert realism_table.mean_alone(*tables) > realism_table.mean_alone(tables[0], tables[0])
    assert realism_table.mean_alone(tables[0], tables[0]) == 0.5
    share = features["repeats: share"]
    assert share.alone == 1
    real, other = share.medians
    assert (real < 0.3, other > 0.5) == (True, True)
    assert sorted({d.name for d in groups}) == sorted(set(tables[0].families))
