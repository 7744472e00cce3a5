"""Parity of an exported step of frames and the trained model: Torch and ONNX, fp32 and int8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from export.frames.step import FrameStep, Gathered, Shape, small
from export.step_graph import to_onnx
from export.to_voice.parity import ERROR, Contract, Parity, free_run, session

__all__ = ["ERROR", "FrameParity", "compare", "forced_nats", "graphs", "played", "traced"]

STEPS = 500
CANDIDATES = 4
LOSS = 0.01
"""Share of the nats by which int8 may differ from fp32."""


@dataclass(frozen=True, slots=True)
class FrameParity(Parity):
    """Differences between a trained model and its exported forms."""

    fp32_nats: float
    """Nats per frame of the validation set, without tags."""
    int8_nats: float

    def passes(self, precision: str) -> bool:
        """Return whether a voice of this precision, `int8` or `fp32`, is the trained model."""
        lost = abs(self.int8_nats - self.fp32_nats)
        return self.traced and (precision == "fp32" or lost <= LOSS * abs(self.fp32_nats))


def graphs(step: FrameStep) -> tuple[bytes, bytes]:
    """Return the step as an fp32 graph, and as one with int8 weights."""
    fp32 = traced(step)
    tables = any(isinstance(part, Gathered) for part in step.modules())
    lean = traced(small(step)) if tables else fp32
    return fp32, to_onnx.to_int8(lean, step.least_int8)


def traced(step: FrameStep) -> bytes:
    """Return the step as an fp32 graph."""
    shape = step.shape
    return to_onnx.traced(step, shape.first(CANDIDATES), shape.inputs, shape.outputs)


def contract(shape: Shape, rows: int = CANDIDATES) -> Contract:
    """Return the inputs of the first step of a tune."""
    return Contract(shape.inputs, shape.first(rows), len(shape.heads), len(shape.states) + 1)


def played(step: FrameStep, fp32: bytes, steps: int = STEPS) -> Parity:
    """Compare free play."""
    torch.manual_seed(0)
    return free_run(step, fp32, contract(step.shape), steps)


def forced_nats(shape: Shape, model: bytes, pieces: Sequence[NDArray[np.int64]],
                style: NDArray[np.float32] | None = None,
                contexts: Sequence[NDArray[np.float32]] = ()) -> NDArray[np.float64]:  # fmt: skip
    """Return minus log-probability of each piece [T, M], by the `force` inputs, in one batch.

    `style` [pieces, S] are the tags of each; none, where not given. `contexts` are those of a
    companion, [T, C] for each piece.
    """
    onnx, order = session(model), np.argsort([-len(piece) for piece in pieces], kind="stable")
    step = contract(shape, len(pieces))
    inputs = [value.numpy() for value in step.first]
    if style is not None:
        inputs[shape.inputs.index("style")] = style[order]
    rng, at, carried = (
        np.random.default_rng(0),
        shape.inputs.index("noise"),
        step.heads + step.states,
    )
    nats = np.zeros(len(pieces))
    for t in range(len(pieces[order[0]])):
        # The longest come first: pieces that have ended are the last rows.
        going = [pieces[i][t] for i in order if len(pieces[i]) > t]
        inputs = [value[: len(going)] if value.ndim else value for value in inputs]
        inputs[at] = rng.random(inputs[at].shape, np.float32)
        if contexts:
            inputs[at + 1] = np.array([contexts[i][t] for i in order[: len(going)]])
        inputs[-step.heads :] = list(np.array(going).T)
        out = onnx.run(None, step.feed(inputs))
        nats[order[: len(going)]] -= out[-2]
        inputs[:carried] = out[:carried]
    return nats


def compare(
    step: FrameStep, fp32: bytes, int8: bytes, pieces: Sequence[NDArray[np.int64]],
    style: NDArray[np.float32] | None = None, contexts: Sequence[NDArray[np.float32]] = (),
) -> FrameParity:  # fmt: skip
    """Return the whole report; `style` and `contexts` as `forced_nats` takes them."""
    free = played(step, fp32, STEPS)
    frames = sum(len(piece) for piece in pieces)
    nats = [
        float(forced_nats(step.shape, model, pieces, style, contexts).sum()) / frames
        for model in (fp32, int8)
    ]
    return FrameParity(free.steps, free.same_tokens, free.tokens, free.log_prob_error, *nats)
