"""Parity of an exported melody step and the trained model: Torch and ONNX, fp32 and int8."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from export.corpus.dataset import Batch, epoch
from export.melody.evaluate import fresh
from export.models.melody import MelodyModel
from export.models.melody_config import MelodyConfig
from export.models.step import CONTEXT, INPUTS, Step, example_inputs, inputs_of
from export.to_voice.parity import Contract, Parity, free_run, session
from stream.compose.melody.vocabulary import SIZES
from stream.compose.tunes.tune import Melody
from stream.voices.spec import StyleSpec

STEPS = 1000
LOSS = 0.02
"""Bits per note by which int8 may differ from fp32."""


@dataclass(frozen=True, slots=True)
class MelodyParity(Parity):
    """Differences between a trained model and its exported forms."""

    fp32_bits: float
    """Bits per note on the validation set, causal, latent at the style's center."""
    int8_bits: float

    def passes(self, precision: str) -> bool:
        """Return whether a voice of this precision, `int8` or `fp32`, is the trained model."""
        lost = abs(self.int8_bits - self.fp32_bits)
        return self.traced and (precision == "fp32" or lost <= LOSS)


def played(model: MelodyModel, fp32: bytes, steps: int = STEPS) -> Parity:
    """Compare free play from a random latent point."""
    torch.manual_seed(0)
    first = list(example_inputs(model))
    latent = INPUTS.index("latent")
    first[latent] = torch.randn_like(first[latent])
    return free_run(Step(model), fp32, Contract(inputs_of(model), first, len(SIZES), 2), steps)


def forced_bits(
    model: bytes, config: MelodyConfig, points: dict[str, StyleSpec], melodies: Sequence[Melody]
) -> float:
    """Return bits per note that a graph assigns to real melodies, by its `force` inputs."""
    rng = np.random.default_rng(0)
    onnx = session(model)
    hidden = int(onnx.get_inputs()[3].shape[1])
    styles = config.styles
    centers = np.array([points[s].mean for s in styles], np.float32).reshape(len(styles), -1)
    nats, notes = 0.0, 0
    states: list[NDArray[Any]] = [np.zeros((64, hidden), np.float32), np.zeros(64, np.int64)]
    for batch in epoch(melodies, styles, rows=64, length=64, rng=rng, kinds=config.kinds):
        latent = batch.tags[:, : len(styles)].numpy() @ centers
        states[0] = fresh(torch.from_numpy(states[0]), batch).numpy()
        states, log_prob = _forced(onnx, batch, latent, states)
        nats -= float((log_prob * batch.mask.numpy()).sum())
        notes += int(batch.mask.sum())
    return nats / notes / math.log(2)


def _forced(
    onnx: onnxruntime.InferenceSession,
    batch: Batch,
    latent: NDArray[np.float32],
    states: list[NDArray[Any]],
) -> tuple[list[NDArray[Any]], NDArray[np.float32]]:
    """Return the states after a segment, and log-probabilities [T, B] of its events."""
    one, silence = np.array(1, np.float32), np.zeros((len(latent), 3), np.float32)
    tags, rows = batch.tags.numpy(), []
    contextual = any(each.name == CONTEXT for each in onnx.get_inputs())
    sequences = (batch.previous, batch.tokens, batch.mask, batch.context)
    for p, t, m, c in zip(*(x.numpy() for x in sequences), strict=True):
        inputs = [*p.T[:3], *states, latent, tags, one, one, silence, *t.T]
        feed = dict(zip(INPUTS, inputs, strict=True))
        out = onnx.run(None, feed | ({CONTEXT: c} if contextual else {}))
        states = [np.where(m[:, None], out[3], states[0]), np.where(m, out[4], states[1])]
        rows.append(out[5])
    return states, np.stack(rows)


def compare(
    model: MelodyModel, fp32: bytes, int8: bytes, points: dict[str, StyleSpec],
    melodies: Sequence[Melody],
) -> MelodyParity:  # fmt: skip
    """Return the whole report."""
    free = played(model, fp32)
    bits = [forced_bits(m, model.config, points, melodies) for m in (fp32, int8)]
    return MelodyParity(free.steps, free.same_tokens, free.tokens, free.log_prob_error, *bits)
