"""What a model reads from its latent point."""

import math

import numpy as np
import pytest
import torch

from benchmarks.vrash import latent
from export.models.family import build
from export.models.melody_config import MelodyConfig
from stream.compose.tunes.tune import Melody


@pytest.fixture
def melodies():
    rng = np.random.default_rng(0)

    def line(count):
        columns = [rng.integers(0, 12, count), np.full(count, 3), np.full(count, 5)]
        return np.stack(columns, 1).astype(np.uint8)

    return [Melody(line(30 + i), f"{i}", "folk", i, 24, 8, "major", "train") for i in range(12)]


@pytest.fixture
def model():
    torch.manual_seed(0)
    config = MelodyConfig(("folk",), 8, 2, latent=4, encoder_hidden=4, tag_width=4)
    return build("vrash", config).eval()


def test_another_rows_point_has_the_same_tags():
    mean = torch.arange(10.0).reshape(5, 2)
    tags = torch.tensor([[1.0, 0], [0, 1], [1, 0], [0, 1], [1, 1]])
    found = latent.of_another(mean, tags)
    assert found.tolist() == mean[[2, 3, 0, 1, 4]].tolist()


def test_points_that_say_all_and_points_that_say_nothing():
    count, width = 50, 4
    apart = np.random.default_rng(1).standard_normal((count, width)) * 9
    told, _ = latent.information(apart, np.full((count, width), -6.0))
    assert told == pytest.approx(math.log(count), abs=1e-2)
    # A posterior that is the same for all segments diverges and tells nothing.
    alike = np.tile(apart[:1], (count, 1))
    told, left = latent.information(alike, np.zeros((count, width)))
    assert told == pytest.approx(0, abs=1e-9)
    assert left == pytest.approx(0.5 * (apart[0] ** 2).sum())


def test_the_divergence_is_shared_out(model, melodies):
    found = {r.measure: r for r in latent.records("tiny", model, melodies)}
    read = found.pop("decoded at: own segment")
    assert read.value > 0
    assert read.n > 1
    lost = [r for name, r in found.items() if name.startswith("lost at")]
    assert len(lost) == 3
    assert all(r.sd >= 0 and math.isfinite(r.value) for r in lost)
    (active,) = (r for name, r in found.items() if name.startswith("active"))
    assert 0 <= active.value <= model.latent


def test_a_point_that_is_not_read_costs_nothing(model, melodies, monkeypatch):
    decode = type(model).decode

    def blind(self, inputs, tags, point, state, **options):
        return decode(self, inputs, tags, torch.zeros_like(point), state, **options)

    monkeypatch.setattr(type(model), "decode", blind)
    lost = [r for r in latent.records("tiny", model, melodies) if r.measure.startswith("lost at")]
    assert [r.value for r in lost] == [0, 0, 0]
