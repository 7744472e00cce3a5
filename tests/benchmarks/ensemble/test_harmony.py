"""The hidden Markov harmoniser and the measures of harmony."""

import itertools

import numpy as np
import pytest

from benchmarks.ensemble.harmonic import markov as harmony_markov
from benchmarks.ensemble.harmonic import measures as harmony_measures
from benchmarks.ensemble.harmonic import systems as harmony_systems
from benchmarks.ensemble.harmonic.tunes import Beats, by_beat
from export.companions.harmony_songs import Song
from stream.music.note import Note

RNG = np.random.default_rng


def song():
    """Two chords of C major in turns, under their own tones."""
    pitches = (60, 64, 67, 60, 67, 71, 74, 67) * 4 + (60,) * 4
    notes = tuple(Note(48 * i, 48, pitch) for i, pitch in enumerate(pitches))
    chords = np.repeat(np.array((1, 8) * 4 + (1,)), 16)
    return Song(notes, chords, 192, 48, "song", "test")


def test_the_model_finds_chords_that_their_melody_tells():
    chords = np.repeat([0, 7, 0, 5], 4)
    heard = np.eye(12)[np.tile([0, 4, 7, 0, 7, 11, 2, 7], 2)]
    heard[12:] = np.eye(12)[[5, 9, 0, 5]]
    model = harmony_markov.trained([Beats(chords, heard)] * 8)
    assert model.likeliest(heard).tolist() == chords.tolist()


def test_chances_of_all_paths_add_up():
    rng = RNG(0)
    sizes = ((3,), (3, 3), (3, 12))
    model = harmony_markov.Markov(*(np.log(rng.dirichlet(np.ones(s[-1]), s[:-1])) for s in sizes))
    heard = rng.dirichlet(np.ones(12), 4)
    paths = itertools.product(range(3), repeat=4)
    total = sum(np.exp(-model.nats(heard, np.array(path))) for path in paths)
    assert total == pytest.approx(1)


def test_real_chords_fit_better_than_chance():
    one = song()
    truth = by_beat(one)
    moves = harmony_measures.motions(truth)
    names = harmony_measures.MEASURES
    real = dict(zip(names, harmony_measures.measured(one, truth, moves), strict=True))
    chords = harmony_systems.by_chance(one, 1.0, RNG(1))
    chance = dict(zip(names, harmony_measures.measured(one, chords, moves), strict=True))
    assert real["strong"] == 1 == real["ends on tonic"]
    assert real["root motions"] == real["chromatic"] == real["clashes"] == 0
    assert chance["strong"] < 1
    assert chance["root motions"] > 0
    assert harmony_measures.agreement(truth, one, truth) == (1, 1)
    assert harmony_measures.agreement(truth + 12, one, truth) == (1, 0)


def test_divergence_is_a_bit_at_most():
    a, b = np.array([1.0, 0, 0]), np.array([0, 2.0, 2.0])
    assert harmony_measures.divergence(a, b) == pytest.approx(1)
    assert harmony_measures.divergence(b, b) == 0
    assert np.isnan(harmony_measures.divergence(a, np.zeros(3)))
