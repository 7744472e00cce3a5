"""The importance-weighted bound of a model's log-likelihood (Burda, Grosse & Salakhutdinov 2016).

With z_1 .. z_k from the posterior of a segment x,

    w_i = p(x | z_i) p(z_i) / q(z_i | x)
    ELBO = E[1/k sum_i ln w_i] <= E[ln(1/k sum_i w_i)] <= ln p(x)               (equation 8)

The second bound tightens with k. The decoder's state is carried from segment to segment with the
posterior means as latent points: it depends on the notes alone, so the product over segments is a
bound for the whole tune. Conventions: T events, B rows, Z latent width, W state width; float32.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from export.corpus.dataset import Batch
from export.melody.evaluate import batches, fresh
from export.models.melody import MelodyModel
from stream.compose.tunes.tune import Melody

ROWS = 16
CHUNK = 20
"""Samples of a row that are decoded at once; bounds the memory."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Upper bounds of -log2 p(x), in bits per note."""

    elbo: float
    iwae: float
    notes: int


@torch.no_grad()
def bounds(
    model: MelodyModel,
    melodies: Sequence[Melody],
    samples: int = 100,
    length: int = 64,
    seed: int = 0,
) -> Bounds:
    """Return both bounds from the same `samples` of each segment.

    A model without latent point needs only one.
    """
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    state = model.decoder.initial(ROWS)
    elbo, iwae, notes = 0.0, 0.0, 0
    for batch in batches(model, melodies, length, ROWS):
        state = fresh(state, batch)
        log_w, state = log_weights(model, batch, state, samples if model.latent else 1, generator)
        elbo += float(log_w.mean(0).sum())
        iwae += float((torch.logsumexp(log_w, 0) - math.log(len(log_w))).sum())
        notes += int(batch.mask.sum())
    scale = -1 / (notes * math.log(2))
    return Bounds(elbo * scale, iwae * scale, notes)


def log_weights(
    model: MelodyModel, batch: Batch, state: Tensor, samples: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Return ln w [samples, B], 0 for a padded row, and the next state [B, W].

    With z = mu + sigma e: ln p(z) - ln q(z | x) = 1/2 sum_j (e_j^2 - z_j^2 + ln sigma_j^2).
    """
    mean, log_variance = model.posterior(batch.tokens, batch.mask, batch.tags)  # [B, Z] each
    inputs = (batch.previous, batch.position, batch.mask, batch.context)
    _, after = model.decode(inputs, batch.tags, mean, state)
    found = []
    for begin in range(0, samples, CHUNK):
        shape = (min(CHUNK, samples - begin), *mean.shape)
        noise = torch.randn(shape, generator=generator)  # [k, B, Z]
        z = mean + noise * torch.exp(0.5 * log_variance)  # [k, B, Z]
        prior_over_posterior = 0.5 * (noise**2 - z**2 + log_variance).sum(-1)  # [k, B]
        found.append(prior_over_posterior - _nats(model, batch, state, z))
    return torch.cat(found) * batch.mask.any(0), after


def _nats(model: MelodyModel, batch: Batch, state: Tensor, z: Tensor) -> Tensor:
    """Return -ln p(segment | z) [k, B] for z [k, B, Z]."""
    k, rows = z.shape[:2]
    times = (1, k, 1)
    inputs = (
        batch.previous.repeat(times), batch.position.repeat(1, k), batch.mask.repeat(1, k),
        batch.context.repeat(times),
    )  # fmt: skip
    states, _ = model.decode(inputs, batch.tags.repeat(k, 1), z.flatten(0, 1), state.repeat(k, 1))
    nats = model.heads.nats(states, batch.tokens.repeat(times)).sum(-1) * inputs[2]
    return nats.sum(0).view(k, rows)
