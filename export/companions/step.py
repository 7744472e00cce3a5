"""The step of a companion: the heads of one frame, chosen in their order."""

from __future__ import annotations

import torch
from torch import Tensor

from export.frames.step import Drawn, FrameStep, Options, Shape, gathering, sum_of
from export.models.companion import CompanionNet
from stream.voices.spec import TensorSpec


class CompanionStep(FrameStep):
    """States: that of the recurrence; the last own tokens where it reads them, int64 [L M]."""

    least_int8 = 4096
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
        self.register_buffer("start", torch.tensor([*config.heads] * max(config.echo, default=0)))

    def frame(
        self, token: Tensor, states: list[Tensor], where: tuple[Tensor, Tensor], options: Options
    ) -> Drawn:
        begins, _ = where
        state = torch.where(begins[:, None], 0.0, states[0])  # [K, W]
        past, echoes = self._past(token, states, begins)
        heard = self.model.heard(options.context, options.style, echoes)  # [K, H]
        output, state = self.model.cell.step(self.model.table(token) + heard, state)
        drawn: list[tuple[Tensor, Tensor, Tensor]] = []
        for i in range(len(self.shape.heads)):
            chosen = torch.stack([d[0] for d in drawn], -1) if drawn else token[:, :0]  # [K, i]
            drawn.append(options.draw(i, self.model.logits(i, output, heard, chosen)))
        frame = torch.stack([d[0] for d in drawn], -1)  # [K, M]
        log_prob, entropy = (sum_of([d[j] for d in drawn]) for j in (1, 2))
        return frame, [state, *past], log_prob, entropy

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
