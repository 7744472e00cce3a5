"""The cross-entropy of classes under logits of any leading shape."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def nats(logits: Tensor, target: Tensor) -> Tensor:
    """Return -ln p = ln sum_c exp(l_c) - l_target [...] of `target` int64 [...].

    `logits` l [..., C]; the result is in nats.
    """
    flat = F.cross_entropy(logits.flatten(0, -2), target.flatten(), reduction="none")  # [N]
    return flat.view(target.shape)
