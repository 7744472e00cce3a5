"""Is an exported step of frames the trained model? Torch against ONNX, fp32 against int8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from export.frames.step import FrameStep, Gathered, Shape, small
from export.melody.parity import session
from export.step_graph import to_onnx

STEPS = 500
CANDIDATES = 4
ERROR = 1e-4
"""Nats that a frame's log-probability may differ by, torch and ONNX fp32."""
LOSS = 0.01
"""Share of its nats that int8 may cost, or gain."""


@dataclass(frozen=True, slots=True)
class Parity:
    """Differences between a trained model and its exported forms."""

    steps: int
    same_tokens: int
    """Of all tokens of `steps` frames of four candidates, how many torch and ONNX chose alike."""
    tokens: int
    log_prob_error: float
    """Largest difference of a frame's log-probability, nats."""
    fp32_nats: float
    """Per frame of the validation set, without tags."""
    int8_nats: float

    def passes(self, precision: str) -> bool:
        """Whether a voice of this precision, `int8` or `fp32`, is the trained model."""
        traced = self.same_tokens == self.tokens and self.log_prob_error <= ERROR
        lost = abs(self.int8_nats - self.fp32_nats)
        return traced and (precision == "fp32" or lost <= LOSS * abs(self.fp32_nats))


def graphs(step: FrameStep) -> tuple[bytes, bytes]:
    """The step as an fp32 graph, and as one with int8 weights."""
    fp32 = traced(step)
    tables = any(isinstance(part, Gathered) for part in step.modules())
    lean = traced(small(step)) if tables else fp32
    return fp32, to_onnx.to_int8(lean, step.least_int8)


def traced(step: FrameStep) -> bytes:
    shape = step.shape
    return to_onnx.traced(step, shape.first(CANDIDATES), shape.inputs, shape.outputs)


@torch.no_grad()
def free_run(step: FrameStep, fp32: bytes, steps: int = STEPS) -> tuple[int, int, float]:
    """Tokens alike, tokens in all, largest log-probability error of two runs from one noise.

    Each frame is drawn from the same state: a draw at the edge of two classes is counted once, and
    not for all that follows it.
    """
    torch.manual_seed(0)
    step, onnx, shape = step.eval(), session(fp32), step.shape
    inputs = list(shape.first(CANDIDATES))
    at, heads = shape.inputs.index("noise"), len(shape.heads)
    kept = heads + len(shape.states) + 1
    alike, error = 0, 0.0
    for _ in range(steps):
        inputs[at] = torch.rand_like(inputs[at])
        ours = step(*inputs)
        theirs = onnx.run(None, feed(shape, [value.numpy() for value in inputs]))
        pairs = zip(ours[:heads], theirs[:heads], strict=True)
        same = np.stack([x.numpy() == y for x, y in pairs])
        alike += int(same.sum())
        far = np.abs(ours[-2].numpy() - theirs[-2])[same.all(0)]
        error = max(error, float(far.max(initial=0.0)))
        inputs[:kept] = ours[:kept]
    return alike, steps * CANDIDATES * heads, error


def feed(shape: Shape, inputs: Sequence[NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return dict(zip(shape.inputs, inputs, strict=True))


def forced_nats(shape: Shape, model: bytes, pieces: Sequence[NDArray[np.int64]],
                style: NDArray[np.float32] | None = None) -> NDArray[np.float64]:  # fmt: skip
    """Minus log-probability of each piece [T, M], by the `force` inputs; all pieces in one batch.

    `style` [pieces, S]: tags of each; none, where not given.
    """
    onnx, order = session(model), np.argsort([-len(piece) for piece in pieces], kind="stable")
    inputs = [value.numpy() for value in shape.first(len(pieces))]
    heads, states = len(shape.heads), len(shape.states) + 1
    if style is not None:
        inputs[shape.inputs.index("style")] = style[order]
    rng, at = np.random.default_rng(0), shape.inputs.index("noise")
    nats = np.zeros(len(pieces))
    for t in range(len(pieces[order[0]])):
        # The longest come first: pieces that have ended are the last rows.
        going = [pieces[i][t] for i in order if len(pieces[i]) > t]
        inputs = [value[: len(going)] if value.ndim else value for value in inputs]
        inputs[at] = rng.random(inputs[at].shape, np.float32)
        inputs[-heads:] = list(np.array(going).T)
        out = onnx.run(None, feed(shape, inputs))
        nats[order[: len(going)]] -= out[-2]
        inputs[: heads + states] = out[: heads + states]
    return nats


def compare(step: FrameStep, fp32: bytes, int8: bytes, pieces: Sequence[NDArray[np.int64]],
            style: NDArray[np.float32] | None = None) -> Parity:  # fmt: skip
    """The whole report; `style` as `forced_nats` takes it."""
    alike, tokens, error = free_run(step, fp32)
    frames = sum(len(piece) for piece in pieces)
    nats = [float(forced_nats(step.shape, m, pieces, style).sum()) / frames for m in (fp32, int8)]
    return Parity(STEPS, alike, tokens, error, *nats)
