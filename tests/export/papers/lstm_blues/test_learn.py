import numpy as np
import pytest
import torch

from export.papers.lstm_blues import song
from export.papers.lstm_blues.learn import Budget, learn
from export.papers.lstm_blues.networks import Chords, Plain, Song
from export.papers.lstm_blues.play import Player


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


def made(kind, seed):
    torch.manual_seed(seed)
    return kind()


def test_networks_learn_side_by_side_as_they_would_alone():
    budget = Budget(iterations=3)
    for kind in (Chords, Plain):
        together = [made(kind, seed) for seed in range(2)]
        alone = [made(kind, seed) for seed in range(2)]
        found = learn(together, budget)
        before = [weights(m) for m in alone]
        for i in range(2):
            learnt = learn([alone[i]], budget)
            assert (learnt[0].iterations, learnt[0].converged) == (3, False)
            assert abs(learnt[0].loss - found[i].loss) < 1e-4
            torch.testing.assert_close(weights(alone[i]), weights(together[i]), atol=1e-4, rtol=0)
            assert (weights(alone[i]) != before[i]).any()


def test_training_on_a_song_reduces_its_errors():
    models = [made(Song, 0)]
    first = learn(models, Budget(iterations=1, rows=2))[0].loss
    assert learn(models, Budget(iterations=20, rows=2))[0].loss < first


def test_a_melody_strays_as_far_as_its_outputs_let_it():
    model, first = made(Song, 0), song.songs(np.zeros((1, song.BARS), np.int64))[:1, 0]

    def strays():
        return Player(model).play(first, 1, np.random.default_rng(0)).strays

    with torch.no_grad():
        model.output.weight.zero_()
        model.output.bias.zero_()
    assert strays() == pytest.approx(1 - len(song.SCALE) / song.PITCHES)
    with torch.no_grad():
        model.output.bias[12:] = -100.0
        model.output.bias[[12 + pitch for pitch in song.SCALE]] = 0.0
    assert strays() < 1e-12
    assert Player(made(Chords, 0)).play(first[:, :12], 1, None).strays == 0
