import numpy as np
import torch

from export.papers.lstm_blues import song
from export.papers.lstm_blues.learn import side_by_side
from export.papers.lstm_blues.networks import Chords, Song
from export.papers.lstm_blues.online import Learner, Online
from export.papers.lstm_blues.play import Player


def test_the_first_step_follows_the_whole_gradient():
    """Nothing of the gradient has been cut off at the head of a song."""
    for kind in (Chords, Song):
        torch.manual_seed(0)
        model = kind()
        steps = torch.from_numpy(song.songs(np.zeros((1, 12), np.int64)))[:, :, : model.notes]
        logits = side_by_side([model], steps[:1])[0]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            logits, steps[1:2], reduction="sum"
        )
        loss.backward()
        learner = Learner(model, Online(rate=1.0, momentum=0.0))
        layers = (model.blocks.gates, model.blocks.cells, model.output)
        masks = iter(learner._masks)
        before = [a.copy() for a in learner._arrays]
        x, target = steps[:2, 0].numpy().astype(float)
        learner.step(x, target)
        pairs = iter(zip(before, learner._arrays, strict=True))
        for layer in layers:
            for parameter in (layer.weight, layer.bias):
                old, new = next(pairs)
                expected = -parameter.grad.numpy() * next(masks)
                np.testing.assert_allclose(new - old, expected, atol=1e-5)


def test_the_outputs_are_the_networks_and_a_gross_error_ends_the_song():
    torch.manual_seed(0)
    model, steps = Chords(), song.chords().astype(float)
    learner, player = Learner(model, Online(rate=0.0)), Player(model)
    for t in range(5):
        y = learner.step(steps[t], steps[t + 1])
        np.testing.assert_allclose(y, 1 / (1 + np.exp(-player(song.chords()[t]))), atol=1e-5)
    assert Learner(model, Online(gross=1)).song(steps) == 1
    assert Learner(model, Online(gross=10**6)).song(steps) == 95


def test_training_learns_the_song_and_stores_the_weights():
    torch.manual_seed(0)
    model, steps = Chords(), song.chords().astype(float)
    learner = Learner(model, Online(rate=3e-3))
    assert max(learner.song(steps) for _ in range(300)) > 5
    learner.store()
    assert (model.output.weight.detach().numpy() == learner._arrays[4].astype(np.float32)).all()
