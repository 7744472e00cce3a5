"""Is the exported voice the model that was trained? Torch against ONNX, fp32 against int8."""

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
from export.corpus.tune import Melody
from export.melody.evaluate import fresh
from export.models.melody import MelodyModel
from export.models.step import INPUTS, Step, example_inputs
from stream.voices.spec import StyleSpec

STEPS = 1000


@dataclass(frozen=True, slots=True)
class Parity:
    """Differences between a trained model and its exported forms."""

    steps: int
    same_tokens: int
    """Of `steps` x 4 candidates x 3 heads, how many torch and ONNX fp32 chose alike."""
    tokens: int
    log_prob_error: float
    """Largest difference of a step's log-probability, nats."""
    fp32_bits: float
    """Bits per note on the validation set, causal, latent at the style's centre."""
    int8_bits: float

    @property
    def passed(self) -> bool:
        return (
            self.same_tokens == self.tokens
            and self.log_prob_error <= 1e-4
            and abs(self.int8_bits - self.fp32_bits) <= 0.02
        )


def session(model: bytes) -> onnxruntime.InferenceSession:
    """A session as the runtime makes it: one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@torch.no_grad()
def free_run(model: MelodyModel, fp32: bytes, steps: int = STEPS) -> tuple[int, int, float]:
    """Tokens alike, tokens in all, largest log-probability error of two runs from one noise."""
    torch.manual_seed(0)
    step, onnx = Step(model).eval(), session(fp32)
    ours = list(example_inputs(model))
    ours[5] = torch.randn_like(ours[5])
    theirs = [value.numpy() for value in ours]
    alike, error = 0, 0.0
    for _ in range(steps):
        ours[9] = torch.rand_like(ours[9])
        theirs[9] = ours[9].numpy()
        a = step(*ours)
        b = onnx.run(None, dict(zip(INPUTS, theirs, strict=True)))
        alike += sum(int((x.numpy() == y).sum()) for x, y in zip(a[:3], b[:3], strict=True))
        error = max(error, float(np.abs(a[5].numpy() - b[5]).max()))
        ours[:5], theirs[:5] = a[:5], b[:5]
    return alike, steps * 3 * len(ours[0]), error


def forced_bits(
    model: bytes, styles: Sequence[str], points: dict[str, StyleSpec], melodies: Sequence[Melody]
) -> float:
    """Bits per note that an exported step assigns to real melodies, by its `force` inputs."""
    rng = np.random.default_rng(0)
    onnx = session(model)
    hidden = int(onnx.get_inputs()[3].shape[1])
    centres = np.array([points[s].mean for s in styles], np.float32).reshape(len(styles), -1)
    nats, notes = 0.0, 0
    states: list[NDArray[Any]] = [np.zeros((64, hidden), np.float32), np.zeros(64, np.int64)]
    for batch in epoch(melodies, styles, rows=64, length=64, rng=rng):
        latent = batch.tags[:, : len(styles)].numpy() @ centres
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
    """States after a segment, and log-probabilities [T, B] of its events."""
    one, silence = np.array(1, np.float32), np.zeros((len(latent), 3), np.float32)
    tags, rows = batch.tags.numpy(), []
    previous, tokens, mask = (x.numpy() for x in (batch.previous, batch.tokens, batch.mask))
    for p, t, m in zip(previous, tokens, mask, strict=True):
        inputs = [*p.T[:3], *states, latent, tags, one, one, silence, *t.T]
        out = onnx.run(None, dict(zip(INPUTS, inputs, strict=True)))
        states = [np.where(m[:, None], out[3], states[0]), np.where(m, out[4], states[1])]
        rows.append(out[5])
    return states, np.stack(rows)


def compare(
    model: MelodyModel, fp32: bytes, int8: bytes, points: dict[str, StyleSpec],
    melodies: Sequence[Melody],
) -> Parity:  # fmt: skip
    """The whole report."""
    alike, tokens, error = free_run(model, fp32)
    bits = [forced_bits(m, model.config.styles, points, melodies) for m in (fp32, int8)]
    return Parity(STEPS, alike, tokens, error, *bits)
