"""The step of a companion: the heads of one frame, chosen in their order.

The cost of a step grows with the nodes of its graph. So the heads' products with what is known
before the frame are one product, what a chosen token adds to all later heads is one row of a table,
and log-probability and entropy of all heads are found together. The equations are those of
`export.models.companion`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.frames.step import Drawn, FrameStep, Options, Shape, gathering
from export.models.companion import CompanionNet, Head
from stream.voices.spec import TensorSpec

NEVER = -1e4
"""Logit of a class that a head does not have."""


class CompanionStep(FrameStep):
    """States: that of the recurrence; the last own tokens where it reads them, int64 [L M]."""

    least_int8 = 8192
    start: Tensor

    def __init__(self, model: CompanionNet) -> None:
        config = model.config
        longest = max(config.echo, default=0) * len(config.heads)
        tokens = (TensorSpec("tokens", (longest,), "int64"),) if longest else ()
        states = (TensorSpec("recurrence", (model.width,), "float32"), *tokens)
        shape = Shape(
            config.role, config.heads, states, config.tags, len(config.heads), config.context
        )
        super().__init__(shape)
        self.model = gathering(model)
        self.joint = JointHeads(model)
        self.model.heads = nn.ModuleList()
        self.register_buffer("start", torch.tensor([*config.heads] * max(config.echo, default=0)))

    def frame(
        self, token: Tensor, states: list[Tensor], where: tuple[Tensor, Tensor], options: Options
    ) -> Drawn:
        begins, _ = where
        state = torch.where(begins[:, None], 0.0, states[0])  # [K, W]
        past, echoes = self._past(token, states, begins)
        heard = self.model.heard(options.context, options.style, echoes)  # [K, H]
        output, state = self.model.cell.step(self.model.table(token) + heard, state)
        tokens, logits = self.joint(torch.cat([output, heard], -1), options)  # [K, M], [K, M, C]
        log_p = torch.log_softmax(logits, -1)  # [K, M, C]
        log_prob = torch.gather(log_p, -1, tokens[..., None]).sum((1, 2))  # [K]
        entropy = -(log_p.exp() * log_p).sum((1, 2))  # [K]
        return tokens, [state, *past], log_prob, entropy

    def _past(
        self, token: Tensor, states: list[Tensor], begins: Tensor
    ) -> tuple[list[Tensor], Tensor]:
        """Return the state of own tokens, if there is one, and those to read [K, E M]."""
        echo, heads = self.model.config.echo, len(self.shape.heads)
        if not echo:
            return [], token[:, :0]
        past = torch.where(begins[:, None], self.start, states[1])  # [K, L M]
        past = torch.cat([token, past], -1)[:, : max(echo) * heads]  # [K, L M]
        return [past], torch.cat([past[:, (n - 1) * heads : n * heads] for n in echo], -1)


class JointHeads(nn.Module):
    """All heads of a companion; those of fewer classes have more, which are never chosen."""

    def __init__(self, model: CompanionNet) -> None:
        super().__init__()
        heads = cast("Sequence[Head]", model.heads)
        sizes = model.config.heads
        self.width = model.config.head_width
        self.base = _joined([head.base for head in heads])
        self.norms = nn.ModuleList(head.norm for head in heads)
        self.mixes = nn.ModuleList(head.mix for head in heads)
        self.outs = nn.ModuleList(_padded(head.out, max(sizes)) for head in heads)
        self.scales: list[float] = []
        """Scale of the int8 rows that each head's token adds to the heads after it."""
        for j, classes in enumerate(sizes[:-1]):
            begin = sum(sizes[:j])
            tables = [head.table for head in heads[j + 1 :] if head.table is not None]
            rows = torch.cat(
                [table.weight[begin : begin + classes] for table in tables], -1
            ).detach()
            scale = max(float(rows.abs().max()), 1e-12) / 127
            self.scales.append(scale)
            self.register_buffer(f"rows_{j}", torch.round(rows / scale).to(torch.int8))

    def forward(self, known: Tensor, options: Options) -> tuple[Tensor, Tensor]:
        """Return tokens int64 [K, M] and logits [K, M, C] from `known` [K, 2 H].

        Classes less likely than 1 - `top_p` times the likeliest are left out: min-p sampling
        (Nguyen et al. 2024), which needs no sorting.
        """
        rest = self.base(known)  # [K, M U]
        # Below 1, so that rounding never steps past the last class.
        share = torch.clamp(options.noise, max=1 - 2**-23)  # [K, M]
        tokens, logits = [], []
        for i in range(len(self.norms)):
            a = F.silu(self.norms[i](rest[:, : self.width]))  # [K, U]
            found = self.outs[i](a + F.silu(self.mixes[i](a)))  # [K, C]
            drawn = _drawn(found, share[:, i : i + 1], options)  # int64 [K]
            token = torch.where(options.force[:, i] >= 0, options.force[:, i], drawn)  # int64 [K]
            if i < len(self.scales):
                row = F.embedding(token, self.get_buffer(f"rows_{i}"))  # int8 [K, (M-1-i) U]
                rest = rest[:, self.width :] + row.to(torch.float32) * self.scales[i]
            tokens.append(token)
            logits.append(found)
        return torch.stack(tokens, -1), torch.stack(logits, 1)


def _drawn(logits: Tensor, share: Tensor, options: Options) -> Tensor:
    """Return a class int64 [K] of `logits` [K, C] by inverse CDF at `share` [K, 1]."""
    p = torch.softmax(logits / options.temperature, -1)  # [K, C]
    least = (1 - options.top_p) * p.amax(-1, keepdim=True)  # [K, 1]
    cumulative = torch.cumsum(torch.where(p >= least, p, 0.0), -1)  # [K, C]
    return (cumulative <= share * cumulative[:, -1:]).sum(-1)


def _joined(layers: list[nn.Linear]) -> nn.Linear:
    """Return one layer whose outputs are those of all layers, one after another."""
    weight = torch.cat([layer.weight for layer in layers])
    joined = nn.Linear(weight.shape[1], weight.shape[0])
    joined.weight.data = weight.detach()
    joined.bias.data = torch.cat([layer.bias for layer in layers]).detach()
    return joined


def _padded(layer: nn.Linear, classes: int) -> nn.Linear:
    """Return a layer with more classes, whose probability is zero."""
    missing = classes - layer.out_features
    padded = nn.Linear(layer.in_features, classes)
    padded.weight.data = F.pad(layer.weight.detach(), (0, 0, 0, missing))
    padded.bias.data = F.pad(layer.bias.detach(), (0, missing), value=NEVER)
    return padded
