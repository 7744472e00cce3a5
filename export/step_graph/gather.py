"""Taking values from their places, as one operator of a graph.

Torch's own indexing of any but the first dimension becomes a chain of transpositions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from onnxscript import FLOAT, INT64
from onnxscript import opset18 as op
from torch import Tensor


@torch.library.custom_op("perpetuum::look", mutates_args=())
def look(x: Tensor, places: Tensor) -> Tensor:
    """Return the values [K, *P, ...] of `x` [K, N, ...] at the places int64 [*P] along N."""
    return x[:, places]


@look.register_fake
def _shaped(x: Tensor, places: Tensor) -> Tensor:
    return x.new_empty(x.shape[0], *places.shape, *x.shape[2:])


def _gather(x: FLOAT, places: INT64) -> FLOAT:
    return op.Gather(x, places, axis=1)


TRANSLATION: dict[Callable[..., Any], Callable[..., Any]] = {
    torch.ops.perpetuum.look.default: _gather
}
"""Translation table of `torch.onnx.export`."""
