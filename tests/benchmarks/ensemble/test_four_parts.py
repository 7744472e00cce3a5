"""Measures and controls of settings in four parts."""

import numpy as np

from benchmarks.ensemble.four_parts import systems
from benchmarks.ensemble.four_parts.baseline import Frequencies
from benchmarks.ensemble.four_parts.features import auc, excerpt, features, measures
from export.companions.four_parts.song import PARTS, Song
from stream.music.note import Note

CHORDS = ((72, 67, 64, 48), (72, 69, 65, 53), (71, 67, 62, 55), (72, 67, 64, 48))


def song(group, rng):
    """Eight bars of good chords in an order of their own."""
    order = rng.integers(0, len(CHORDS), 32)
    parts = {
        role: tuple(Note(48 * i, 48, CHORDS[k][p]) for i, k in enumerate(order.tolist()))
        for p, role in enumerate(PARTS)
    }
    return Song(parts, 48 * 32, 192, 48, "hymn", group)


def test_controls_are_told_from_real_settings():
    rng = np.random.default_rng(0)
    songs = [song(group, rng) for group in range(10)]
    real = systems.excerpts(songs, lambda each: each.scores())
    control = systems.excerpts(songs, lambda each: systems.controlled(each, systems.shuffled, 1))
    assert auc(control, real)[0] > 0.9


def test_features_are_finite_also_of_the_random_chords():
    rng = np.random.default_rng(0)
    (found,) = systems.controlled(song(0, rng), systems.nearest_tones, 1)[1:]
    assert np.isfinite(features(excerpt(found, 0))).all()


def test_measures_are_a_bar():
    pitches = np.array([[72, 67, 60, 48], [74, 69, 60, 50]] * 8)
    notes = {
        role: tuple(Note(12 * i, 12, int(pitches[i, p])) for i in range(16))
        for p, role in enumerate(PARTS)
    }
    found = measures(excerpt(Song(notes, 192, 192, 48, "hymn", 0).scores()[0], 0))
    assert found["parallels"] == 30
    assert found["crossings"] == found["out of range"] == 0


def test_frequencies_expect_what_they_have_counted():
    rng = np.random.default_rng(1)
    songs = [song(group, rng) for group in range(6)]
    counts = Frequencies(songs[:5])
    nats = counts.nats(songs[5].scores()[1])
    assert nats.shape == (64,)
    held = np.arange(64) % 4 != 0
    assert nats[held].mean() < 0.1 < nats[~held].mean()
