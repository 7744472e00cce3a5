"""The running mean of a net's weights while it learns."""

from __future__ import annotations

import torch
from torch import nn


def follow(mean: nn.Module, model: nn.Module, kept: float) -> None:
    """Move averaged weights on to those of a step, but for the share that is kept."""
    with torch.no_grad():
        for old, new in zip(mean.parameters(), model.parameters(), strict=True):
            old.lerp_(new, 1 - kept)
