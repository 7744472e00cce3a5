"""Bits per note of a melody model on a set of melodies. An event, note or rest, counts as a note.

Three readings of the same set (LM: all alike):

- `reconstruction`: -log2 p(x | z), z the posterior mean: the paper's cross-entropy (its figure 4);
- `elbo`: reconstruction plus KL(q || p) over the notes, an upper bound of -log2 p(x);
- `causal`: z is a fixed point, nothing of the tune is seen before it is scored.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from export.corpus.dataset import Batch, epoch
from export.models.melody import MelodyModel
from stream.compose.melody.vocabulary import START
from stream.compose.tunes.tune import Melody


@dataclass(frozen=True, slots=True)
class Reading:
    """Means over a set, in bits per note but for `kl` and `heads`."""

    reconstruction: float
    elbo: float
    kl: float
    """Nats per segment."""
    heads: tuple[float, float, float]
    """Reconstruction by head: pitch class, octave, duration."""
    notes: int


def fresh(state: Tensor, batch: Batch) -> Tensor:
    """Return the state that a segment is read from: zero at the head of each tune.

    So no tune's figure depends on which tune was read before it.
    """
    opening = batch.previous[0, :, 0] == START[0]
    return torch.where(opening[:, None], torch.zeros_like(state), state)


@torch.no_grad()
def read(model: MelodyModel, melodies: Sequence[Melody], length: int = 64) -> Reading:
    """Return reconstruction and ELBO at the posterior mean; each tune carries its state."""
    model.eval()
    state = model.decoder.initial(64)
    nats, kl, notes, rows = torch.zeros(3), 0.0, 0, 0
    for batch in batches(model, melodies, length):
        inputs = (
            batch.tokens, batch.previous, batch.position, batch.mask, batch.tags, batch.context
        )  # fmt: skip
        noise = torch.zeros(64, model.latent, device=state.device)
        losses = model(inputs, fresh(state, batch), noise)
        state = losses.state
        nats += losses.nats.sum((0, 1)).cpu()
        kl += float(losses.kl.sum())
        notes += int(batch.mask.sum())
        rows += int(batch.mask.any(0).sum())
    bits = nats / notes / math.log(2)
    reconstruction = float(bits.sum())
    heads = (float(bits[0]), float(bits[1]), float(bits[2]))
    elbo = reconstruction + kl / notes / math.log(2)
    return Reading(reconstruction, elbo, kl / max(rows, 1), heads, notes)


@torch.no_grad()
def read_causal(
    model: MelodyModel, melodies: Sequence[Melody], latent: Tensor, length: int = 64
) -> float:
    """Return bits per note with the latent point fixed at `latent` [Z]: nothing looks ahead."""
    model.eval()
    state = model.decoder.initial(64)
    nats, notes = 0.0, 0
    for batch in batches(model, melodies, length):
        inputs = (batch.previous, batch.position, batch.mask, batch.context)
        states, state = model.decode(inputs, batch.tags, latent.expand(64, -1), fresh(state, batch))
        losses = model.heads.nats(states, batch.tokens) * batch.mask[..., None]
        nats += float(losses.sum())
        notes += int(batch.mask.sum())
    return nats / notes / math.log(2)


def batches(
    model: MelodyModel, melodies: Sequence[Melody], length: int, rows: int = 64
) -> list[Batch]:
    """Yield the melodies in segments of at most `length` events, on the model's device."""
    device = next(model.parameters()).device
    rng = np.random.default_rng(0)
    config = model.config
    found = epoch(
        melodies, config.styles, rows=rows, length=length, rng=rng, kinds=config.kinds
    )  # fmt: skip
    return [b.to(device) for b in found]
