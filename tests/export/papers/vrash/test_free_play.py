import numpy as np
import pytest
import torch

from export.papers.vrash.free_play import play
from stream.compose.melody.vocabulary import REST, SIZES

NOTES = np.array([5, 30, 1, 12])


@pytest.fixture
def played(family, history, make_model):
    model = make_model(family, history=history)
    tags = torch.zeros(4, model.config.tags)
    latent = torch.randn(4, model.latent, generator=torch.Generator().manual_seed(1))
    return lambda seed: play(model, tags, latent, NOTES, seed=seed)


def test_every_tune_ends_with_its_last_note(played):
    tunes = played(3)
    assert [int((t[:, 0] != REST).sum()) for t in tunes] == NOTES.tolist()
    assert all(t[-1, 0] != REST for t in tunes)
    assert all((t < np.array(SIZES)).all() for t in tunes)


def test_the_seed_decides(played):
    once, again, other = played(3), played(3), played(4)
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert any(not np.array_equal(a, b) for a, b in zip(once, other, strict=True))


def test_a_model_that_only_rests_is_stopped(make_model):
    model = make_model("lm")
    with torch.no_grad():
        model.heads.pitch_class.bias[REST] = 1e4
    tunes = play(model, torch.zeros(4, model.config.tags), torch.zeros(4, 0), NOTES, seed=1)
    assert [len(t) for t in tunes] == [13, 75, 3, 30]


def test_played_tunes_are_as_likely_as_the_model_says(make_model):
    """First notes of many tunes follow the distribution of the first step."""
    model = make_model("lm")
    tags = torch.zeros(4000, model.config.tags)
    tunes = play(model, tags, torch.zeros(4000, 0), np.ones(4000, np.int64), seed=1)
    first = np.bincount([t[0, 0] for t in tunes], minlength=SIZES[0]) / 4000
    start = torch.tensor([[list(SIZES)]])
    with torch.no_grad():
        state, _ = model.decode(
            (
                start, torch.zeros(1, 1, dtype=torch.int64), torch.ones(1, 1, dtype=torch.bool),
                torch.zeros(1, 1, 0),
            ),
            tags[:1], torch.zeros(1, 0), model.decoder.initial(1),
        )  # fmt: skip
        expected = torch.softmax(model.heads.pitch_class(state), -1).numpy().ravel()
    assert first == pytest.approx(expected, abs=0.04)
