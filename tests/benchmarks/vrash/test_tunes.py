import numpy as np
import pytest
import torch

from benchmarks.vrash.acceptance import passes, voice_bounds
from benchmarks.vrash.tunes import Performer, filtered, notes, pitches, places
from export.models.family import build
from export.models.melody_config import MelodyConfig
from stream.compose.filter.entropy import FEATURES
from stream.compose.melody.vocabulary import REST, REST_OCTAVE
from stream.compose.tunes.tune import Melody

ALL = dict.fromkeys(FEATURES, (0.0, 9.0))


def line(seed, count=40):
    rng = np.random.default_rng(seed)
    columns = [rng.integers(0, 12, count), np.full(count, 3), np.full(count, 5)]
    return np.stack(columns, 1).astype(np.uint8)


@pytest.fixture
def melodies():
    return [Melody(line(i, 30 + i), f"{i}", "folk", i, 24, 8, "major", "train") for i in range(12)]


@pytest.fixture
def performer(melodies):
    torch.manual_seed(0)
    config = MelodyConfig(("folk",), 8, 2, latent=4, encoder_hidden=4, tag_width=4)
    return Performer(build("vrash", config).eval(), melodies, "folk")


def test_pitches_leave_rests_out():
    tune = np.array([[0, 3, 5], [REST, REST_OCTAVE, 2], [11, 4, 5], [2, REST_OCTAVE, 1]], np.uint8)
    assert pitches(tune).tolist() == [60, 83, 62]
    assert len(notes(tune)) == 3


def test_every_place_gets_a_tune_of_its_size(performer, melodies):
    chosen = places(melodies, "folk", 7)
    assert len({m.title for m in chosen}) == 7
    tunes = performer.play(chosen, seed=1)
    assert [len(notes(t)) for t in tunes] == [len(m.tokens) for m in chosen]
    again = performer.play(chosen, seed=1, latent=performer.posterior(7, 1))
    assert all(np.array_equal(a, b) for a, b in zip(tunes, again, strict=True))


def test_latent_points_are_drawn_in_three_ways(performer):
    assert performer.gaussian(5, 0).shape == performer.posterior(5, 0).shape == (5, 4)
    assert all(p in performer.points for p in performer.posterior(5, 0))
    assert performer.mean(2) == pytest.approx(np.stack([performer.points.mean(0)] * 2))


def test_the_filter_fills_places_until_all_are_full(performer, melodies):
    some = iter([False, True, False, True, True])
    tunes, share = filtered(performer, melodies[:3], lambda _: next(some), seed=1, rounds=8)
    assert (sorted(tunes), share) == ([0, 1, 2], 3 / 5)
    assert [len(notes(tunes[i])) for i in range(3)] == [30, 31, 32]
    assert filtered(performer, melodies[:3], lambda _: False, seed=1, rounds=2) == ({}, 0.0)


@pytest.mark.parametrize("feature", [name for name in FEATURES if "128" not in name])
def test_one_feature_out_of_bounds_is_enough(feature):
    tune = line(0, 80)
    assert passes(tune, ALL)
    assert not passes(tune, ALL | {feature: (8.0, 9.0)})
    assert passes(line(0, 10), {"pitch_min_64": (8.0, 9.0)})  # a tune this short has no such window


def test_the_shipped_voice_rejects_a_drone():
    drone = np.tile(np.array([[0, 3, 5]], np.uint8), (48, 1))
    assert not any(passes(drone, bounds) for bounds in voice_bounds("commons").values())
