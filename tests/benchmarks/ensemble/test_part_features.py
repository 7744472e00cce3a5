"""The features of bass lines and comping."""

import numpy as np

from benchmarks.ensemble.bass import random_tones, shuffled_bars
from benchmarks.ensemble.comping import random_onsets
from benchmarks.ensemble.part_features import bass_features, comping_features
from stream.compose.companions.rules import RULES
from tests.stream.compose.companions.band_scores import cadence


def composed(name, score):
    ((_, notes),) = RULES[name].compose(score, np.random.default_rng(1)).items()
    return notes


def test_a_walking_bass_is_measured():
    score = cadence(low=28, high=57)
    found = bass_features(composed("walking-bass", score), score)
    assert (found["onsets a bar"], found["rhythm entropy"]) == (4.0, 2.0)
    assert (found["roots on downbeats"], found["likeness of bars"]) == (1.0, 1.0)
    assert found["off the beat"] == 0.0


def test_controls_lose_what_they_shuffle():
    score, rng = cadence(low=28, high=57), np.random.default_rng(2)
    line = composed("walking-bass", score)
    anything = bass_features(random_tones(line, score, rng), score)
    moved = bass_features(shuffled_bars(line, score, rng), score)
    assert anything["leaps beyond a fifth"] > 0.2
    assert anything["rhythm entropy"] == moved["rhythm entropy"] == 2.0
    assert moved["roots on downbeats"] == 0.0


def test_comping_is_measured():
    score = cadence(low=48, high=79)
    chords = composed("block-chords", score)
    found = comping_features(chords, score)
    assert (found["onsets a bar"], found["notes a stroke"], found["chord tones"]) == (1.0, 4.0, 1.0)
    assert found["silence"] == 0.0
    strewn = comping_features(random_onsets(chords, score, np.random.default_rng(1)), score)
    assert strewn["likeness of bars"] < 1.0
