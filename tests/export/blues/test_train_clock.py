import numpy as np
import pytest
import torch

from export.blues.forms import CHORDS, HALVES
from export.blues.train_clock import (
    FORMS,
    NoiseConfig,
    accuracy_after_changes,
    chart,
    free_play_accuracy,
    train_clock,
)
from export.models.blues.trio import Clock


class Perfect:
    """A clock that counts: what a trained one is to do."""

    cells = 1

    def __init__(self, late=0):
        self.late = late

    def __call__(self, chord, style, state=None):
        count = torch.zeros(chord.shape[1]) if state is None else state
        place = count + 1 + torch.arange(len(chord))[:, None]
        return place[..., None], place[-1]

    def logits(self, place, style):
        at = (place[..., 0].long() + self.late) % HALVES
        chords = torch.from_numpy(FORMS)[style.argmax(-1), at]
        return torch.nn.functional.one_hot(chords, len(CHORDS)).float()


def test_a_clock_that_counts_keeps_every_form_and_changes():
    assert free_play_accuracy(Perfect(), 3) == 1
    assert accuracy_after_changes(Perfect()) == 1


def test_a_clock_that_is_late_does_not():
    assert free_play_accuracy(Perfect(late=1), 3) < 1
    assert accuracy_after_changes(Perfect(late=1)) < 1


def test_a_chart_is_what_its_style_says_half_a_bar_later():
    styles = np.zeros((HALVES, 1), int)
    styles[10:] = 3
    expected = np.where(np.arange(HALVES) <= 10, FORMS[0], FORMS[3])
    assert (chart(Perfect(), styles)[:, 0] == expected).all()


def test_training_lowers_the_loss():
    torch.manual_seed(0)
    clock = Clock(8)
    first = train_clock(clock, NoiseConfig(iterations=1, rows=4, choruses=1))
    train_clock(clock, NoiseConfig(iterations=25, rows=4, choruses=1))
    later = train_clock(clock, NoiseConfig(iterations=1, rows=4, choruses=1))
    assert first == pytest.approx(np.log(len(CHORDS)), abs=0.5)
    assert later < first
