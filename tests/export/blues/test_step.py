import numpy as np
import pytest
import torch

from export.blues.choruses import chorus
from export.blues.forms import CHORDS, HALF, KEYS, STYLES
from export.blues.step import BluesStep, _nearest
from export.blues.to_voice import tags
from export.blues.train_clock import FORMS, chart
from export.blues.train_lines import _inputs, places, tunes
from export.corpus.chords.keys import chord_classes
from export.models.blues.trio import Trio, TrioConfig

SMALL = TrioConfig(clock=6, lines=10, embedding=8)


@pytest.fixture
def model():
    torch.manual_seed(3)
    made = Trio(SMALL).eval()
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.mul_(2.0)
    return made


@torch.no_grad()
def run(step, style, frames, key="C", rows=1):
    """Log-probability and tokens of `frames` forced steps [T, 3]; none where they are -1."""
    step.eval()
    inputs = list(step.shape.first(rows))
    row = torch.zeros(rows, len(step.shape.tags))
    row[:, step.shape.tags.index(f"style:{style}")] = row[:, 4 + list(KEYS).index(key)] = 1.0
    inputs[7] = row
    said, nats = [], []
    for frame in frames:
        inputs[10] = torch.full((rows, 2), 0.4)
        inputs[-3:] = [torch.full((rows,), int(token)) for token in frame]
        out = step(*inputs)
        said.append(torch.stack(out[:3], -1)[0].numpy())
        nats.append(float(out[-2][0]))
        inputs[:6] = out[:6]
    return np.array(said), np.array(nats)


def test_the_step_is_the_network_that_was_trained(model):
    """Forced along a tune, its log-probability is that of the training pass."""
    given = tunes(4, np.random.default_rng(5))
    length = 600
    rng = np.random.default_rng(5)
    inputs = _inputs(given.columns()[:length], given.style, places(model.clock)[:length])
    logits, _ = model.lines(inputs)
    said = np.stack([given.melody, given.bass], -1)[:length]
    log_p = torch.log_softmax(logits, -1).gather(-1, torch.from_numpy(said)[..., None])
    expected = log_p[..., 0].sum(-1).detach().numpy()
    for n, style in enumerate(STYLES):
        frames = np.concatenate([chorus(style, rng) for _ in range(4)])[:length]
        forced, nats = run(BluesStep(model), style, frames)
        assert (forced == frames).all()
        np.testing.assert_allclose(nats, expected[:, n], atol=1e-4)


def test_chords_are_the_clocks_and_change_at_half_bars_only(model):
    free = np.full((5 * HALF, 3), -1)
    for n, style in enumerate(STYLES):
        said, _ = run(BluesStep(model), style, free)
        expected = chart(model.clock, np.full((5, 1), n))[:, 0]
        assert said[:, 1].tolist() == np.array(CHORDS)[expected].repeat(HALF).tolist()


def test_another_key_is_the_same_elsewhere(model):
    free = np.full((40, 3), -1)
    plain, _ = run(BluesStep(model), "jazz", free)
    for key, semitones in KEYS.items():
        moved, _ = run(BluesStep(model), "jazz", free, key)
        lines = plain[:, [0, 2]]
        assert (moved[:, [0, 2]] == np.where(lines > 1, lines + semitones, lines)).all()
        assert moved[:, 1].tolist() == chord_classes(semitones)[plain[:, 1]].tolist()


def test_any_chord_is_taken_for_one_of_the_forms():
    assert [_nearest(chord) for chord in CHORDS] == list(range(len(CHORDS)))
    assert CHORDS[_nearest(1)] in {int(c) for c in CHORDS}
    assert FORMS.max() < len(CHORDS)


def test_tags_are_a_style_and_a_key():
    assert tags("jazz", 2).sum(1).tolist() == [2, 2]
