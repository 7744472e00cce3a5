"""The step of a companion: the heads of one frame, chosen in their order."""

from __future__ import annotations

import torch
from torch import Tensor

from export.frames.step import Drawn, FrameStep, Options, Shape, gathering, sum_of
from export.models.companion import CompanionNet
from stream.voices.spec import TensorSpec


class CompanionStep(FrameStep):
    """State: that of the recurrence."""

    least_int8 = 4096

    def __init__(self, model: CompanionNet) -> None:
        config = model.config
        states = (TensorSpec("recurrence", (model.width,), "float32"),)
        shape = Shape(
            config.role, config.heads, states, config.tags, len(config.heads), config.context
        )
        super().__init__(shape)
        self.model = gathering(model)

    def frame(
        self, token: Tensor, states: list[Tensor], where: tuple[Tensor, Tensor], options: Options
    ) -> Drawn:
        begins, _ = where
        state = torch.where(begins[:, None], 0.0, states[0])  # [K, W]
        heard = self.model.heard(options.context, options.style)  # [K, H]
        output, state = self.model.cell.step(self.model.table(token) + heard, state)
        drawn: list[tuple[Tensor, Tensor, Tensor]] = []
        for i in range(len(self.shape.heads)):
            chosen = torch.stack([d[0] for d in drawn], -1) if drawn else token[:, :0]  # [K, i]
            drawn.append(options.draw(i, self.model.logits(i, output, heard, chosen)))
        frame = torch.stack([d[0] for d in drawn], -1)  # [K, M]
        log_prob, entropy = (sum_of([d[j] for d in drawn]) for j in (1, 2))
        return frame, [state], log_prob, entropy
