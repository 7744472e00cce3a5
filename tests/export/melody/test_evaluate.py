import dataclasses
import math

import numpy as np
import pytest
import torch

from export.corpus.dataset import segments
from export.melody.evaluate import read, read_causal
from stream.compose.melody.vocabulary import SIZES


@pytest.fixture
def model(make_model):
    return make_model("vrash", styles=("even",))


@torch.no_grad()
def plain(model, melodies, length):
    """Nats, divergence, notes and segments, one tune at a time."""
    nats, kl, notes, pieces = 0.0, 0.0, 0, 0
    for melody in melodies:
        state = model.decoder.initial(1)
        for s in segments(melody, model.config.styles, length):
            arrays = (torch.from_numpy(a)[:, None] for a in (s.tokens, s.previous, s.position))
            tokens, previous, position = arrays
            mask = torch.ones(tokens.shape[:2], dtype=torch.bool)
            context = torch.from_numpy(s.context)[:, None]
            batch = (tokens, previous, position, mask, torch.from_numpy(s.tags)[None], context)
            losses = model(batch, state, torch.zeros(1, model.latent))
            state = losses.state
            nats += float(losses.nats.sum())
            kl += float(losses.kl.sum())
            notes, pieces = notes + len(tokens), pieces + 1
    return nats, kl, notes, pieces


@pytest.mark.parametrize("length", [20, 64])
def test_a_reading_is_the_mean_over_tunes_read_one_by_one(model, melodies, length):
    nats, kl, notes, pieces = plain(model, melodies, length)
    reading = read(model, melodies, length)
    bits = nats / notes / math.log(2)
    assert reading.notes == notes == sum(len(m.tokens) for m in melodies)
    assert reading.reconstruction == pytest.approx(bits, rel=1e-5)
    assert reading.elbo == pytest.approx(bits + kl / notes / math.log(2), rel=1e-5)
    assert reading.kl == pytest.approx(kl / pieces, rel=1e-5)
    assert sum(reading.heads) == pytest.approx(reading.reconstruction, rel=1e-6)


def test_for_a_language_model_all_readings_are_alike(make_model, melodies):
    model = make_model("lm", styles=("even",))
    reading = read(model, melodies)
    assert reading.kl == 0
    assert reading.elbo == reading.reconstruction
    assert read_causal(model, melodies, torch.zeros(0)) == pytest.approx(reading.elbo, rel=1e-5)


def test_the_bound_lies_above_the_reconstruction(model, melodies):
    reading = read(model, melodies)
    assert reading.kl > 0
    assert reading.elbo > reading.reconstruction


def test_the_order_of_melodies_does_not_matter(model, melodies):
    # More melodies than rows: some start where another has ended.
    many = melodies * 3
    forward, backward = read(model, many, 30), read(model, many[::-1], 30)
    for a, b in zip(dataclasses.astuple(forward), dataclasses.astuple(backward), strict=True):
        assert a == pytest.approx(b, rel=1e-4)
    latent = torch.ones(4)
    causal = [read_causal(model, order, latent, 30) for order in (many, many[::-1])]
    assert causal[0] == pytest.approx(causal[1], rel=1e-4)


def test_padding_does_not_count(model, melodies):
    short = dataclasses.replace(melodies[0], tokens=melodies[0].tokens[:5])
    readings = [read(model, [short], length) for length in (5, 64)]
    assert readings[0].notes == readings[1].notes == 5
    assert readings[0].elbo == pytest.approx(readings[1].elbo, rel=1e-6)


def test_a_model_that_knows_nothing_scores_the_uniform_distribution(make_model, melodies):
    model = make_model("lm", styles=("even",), loudness=0.0)
    bits = math.log2(math.prod(SIZES))
    reading = read(model, melodies)
    assert reading.elbo == pytest.approx(bits, rel=1e-6)
    assert reading.heads == pytest.approx([math.log2(n) for n in SIZES], rel=1e-6)


def test_the_latent_point_is_heard_in_the_causal_reading(model, melodies):
    one, other = (read_causal(model, melodies, torch.full((4,), z)) for z in (-2.0, 2.0))
    assert one != pytest.approx(other, rel=1e-4)
    assert np.isfinite([one, other]).all()
