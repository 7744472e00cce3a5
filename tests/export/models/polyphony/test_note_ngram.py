import numpy as np
import pytest
import torch

from export.models.polyphony.frame_model import KEYS
from export.models.polyphony.note_ngram import NoteNgram, NoteNgramConfig, counted, fit, smoothed
from export.rolls.evaluate import nats_per_frame


def of(*bits):
    """A roll of which key 5 alone sounds, in these frames."""
    roll = np.zeros((len(bits), KEYS), bool)
    roll[:, 5] = bits
    return roll


@pytest.fixture
def model():
    torch.manual_seed(3)
    model = NoteNgram(NoteNgramConfig(order=4))
    with torch.no_grad():
        model.odds.normal_(std=2)
    return model.eval()


def test_the_probabilities_of_all_frames_sum_to_one(model, enumeration, random_roll):
    with torch.no_grad():
        model.odds[enumeration.barred] = -60.0
    first, later = (enumeration.nats(model, random_roll(t, 1)[:, 0]) for t in (0, 5))
    for nats in (first, later):
        assert float(nats.exp().sum()) == pytest.approx(1, abs=1e-5)
    assert (first != later).any()


def test_chunks_equal_the_whole(model, assert_streams):
    assert_streams(model)


def test_what_follows_is_counted():
    times, ons = counted([of(1, 1, 0, 1)], order=3)
    assert times[5].tolist() == [0, 4, 1, 2, 0, 0, 1, 1]
    assert ons[5].tolist() == [0, 3, 1, 1, 0, 0, 1, 0]
    assert times[6].tolist() == [0, 4, 3, 0, 2, 0, 0, 0]
    assert not ons[6].any()


def test_long_contexts_fall_back_on_short_ones():
    shares = smoothed(*counted([of(1, 1, 0, 1)], order=3), strength=2.0)[5]
    alone = 3.5 / 5
    off, on = (1 + 2 * alone) / 3, (1 + 2 * alone) / 4
    # After off-on and off-off nothing was heard: as after on, and after off.
    expected = [0, alone, off, on, off, on, (1 + 2 * off) / 3, (0 + 2 * on) / 3]
    assert shares.tolist() == pytest.approx(expected)


def test_the_chosen_order_is_what_the_music_needs():
    """A key is on for two frames, off for two: two frames decide the next one, one does not."""
    walk = [of(*([1, 1, 0, 0] * 6)), of(*([0, 1, 1, 0] * 6)), of(*([0, 0, 1, 1] * 6))]
    model, nats = fit(walk, walk[:1])
    assert model.config.order >= 3
    assert nats > -0.5
    # The model's own figure is the one by which it was chosen.
    figure = nats_per_frame(model, walk[:1], model.log_likelihood)
    assert figure == pytest.approx(nats, abs=1e-4)


def test_a_piece_shorter_than_the_contexts():
    model, nats = fit([of(1, 0), of(1)], [of(1, 0)])
    figure = nats_per_frame(model, [of(1, 0)], model.log_likelihood)
    assert figure == pytest.approx(nats, abs=1e-4)
