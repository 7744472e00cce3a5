import numpy as np
import torch

from export.papers.lstm_blues import song
from export.papers.lstm_blues.learn import side_by_side
from export.papers.lstm_blues.networks import Chords, Plain, Song
from export.papers.lstm_blues.play import Player, right


def test_a_step_at_a_time_is_the_network():
    torch.manual_seed(0)
    for make in (Chords, Song, Plain):
        models = [make(), make()]
        x = torch.rand(9, 1, models[0].notes)
        for model, logits in zip(models, side_by_side(models, x), strict=True):
            player = Player(model)
            ours = np.stack([player(row) for row in x[:, 0].numpy()])
            np.testing.assert_allclose(ours, logits[:, 0].detach().numpy(), atol=1e-5)


def test_play_is_one_note_of_melody_and_the_same_from_the_same_seed():
    torch.manual_seed(1)
    model, first = Song(), song.songs(np.zeros((1, 12), np.int64))[:48, 0]
    one, same = (Player(model).play(first, 2, np.random.default_rng(3)) for _ in range(2))
    assert one.steps.shape == (192, 25)
    assert (one.steps[:48] == first).all()
    assert (one.steps[:, 12:].sum(1) == 1).all()
    assert (one.steps == same.steps).all()


def test_a_constant_network_is_settled():
    model = Chords()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        model.output.bias.fill_(-1.0)
    played = Player(model).play(song.chords()[:1], 3, np.random.default_rng(0))
    assert played.settled == 2
    assert right(played, np.zeros((96, 12))).tolist() == [1 - 4 / 96 / 12, 1, 1]
