"""Parity of a trained step and its graph: Torch and ONNX Runtime from the same noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

ERROR = 1e-4
"""Nats by which the log-probability of a step may differ, Torch and ONNX fp32."""


@dataclass(frozen=True, slots=True)
class Parity:
    """Differences between a trained step and its fp32 graph in free play."""

    steps: int
    same_tokens: int
    """Tokens that Torch and ONNX fp32 choose alike."""
    tokens: int
    """Tokens in all: `steps` of each candidate and head."""
    log_prob_error: float
    """Largest difference of a step's log-probability, nats."""

    @property
    def traced(self) -> bool:
        """True if the fp32 graph is the trained step."""
        return self.same_tokens == self.tokens and self.log_prob_error <= ERROR


@dataclass(frozen=True, slots=True)
class Contract:
    """Names and first values of a step's inputs."""

    names: Sequence[str]
    first: Sequence[Tensor]
    heads: int
    states: int

    def feed(self, values: Sequence[Any]) -> dict[str, Any]:
        """Return arrays by the names of the inputs."""
        return dict(zip(self.names, values, strict=True))


def session(model: bytes) -> onnxruntime.InferenceSession:
    """Return a session as the runtime makes it, with one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@torch.no_grad()
def free_run(step: nn.Module, fp32: bytes, contract: Contract, steps: int) -> Parity:
    """Compare two runs from one noise.

    Each step is drawn from the same state: a draw at the edge of two classes counts once, and not
    for all that follows it.
    """
    step, onnx, heads = step.eval(), session(fp32), contract.heads
    inputs, at = list(contract.first), contract.names.index("noise")
    carried = heads + contract.states
    alike, error = 0, 0.0
    for _ in range(steps):
        inputs[at] = torch.rand_like(inputs[at])
        ours = step(*inputs)
        theirs = onnx.run(None, contract.feed([value.numpy() for value in inputs]))
        pairs = zip(ours[:heads], theirs[:heads], strict=True)
        same = np.stack([x.numpy() == y for x, y in pairs])  # [heads, K]
        alike += int(same.sum())
        far = np.abs(ours[-2].numpy() - theirs[-2])[same.all(0)]
        error = max(error, float(far.max(initial=0.0)))
        inputs[:carried] = ours[:carried]
    return Parity(steps, alike, steps * len(inputs[0]) * heads, error)
