"""The step of a chorale model: four heads, soprano to bass, chosen in the order of the model."""

from __future__ import annotations

import torch
from torch import Tensor

from export.corpus.satb import CLASSES, PARTS
from export.frames.step import Drawn, FrameStep, Options, Shape, gathering, sum_of
from export.models.polyphony.chorale import TAGS, Chorale
from export.models.polyphony.chorale_past import START, Known, Past
from stream.voices.spec import TensorSpec


class ChoraleStep(FrameStep):
    """States: the recurrence's; how long each part has held, and what it had before, int64 [8]."""

    def __init__(self, model: Chorale) -> None:
        states = (
            TensorSpec("recurrence", (model.width,), "float32"),
            TensorSpec("parts", (2 * len(PARTS),), "int64"),
        )
        super().__init__(Shape("chorale", (CLASSES,) * len(PARTS), states, TAGS, len(PARTS)))
        self.model = gathering(model)

    def frame(
        self, token: Tensor, states: list[Tensor], where: tuple[Tensor, Tensor], options: Options
    ) -> Drawn:
        begins, position = where
        order = self.model.config.parts
        state = torch.where(begins[:, None], 0.0, states[0])
        held, before = states[1].split(len(PARTS), dim=-1)  # [K, 4] each
        held = torch.where(begins[:, None], 0, held)
        before = torch.where(begins[:, None], START, before)
        pitch = torch.stack([token[:, p] for p in order], -1)  # [K, 4] in the order of choice
        known = Known(Past(pitch, held, before, position))
        output, state = self.model.cell.step(self.model.embedded(known, options.style), state)
        drawn: list[tuple[Tensor, Tensor, Tensor]] = []
        for i, part in enumerate(order):
            chosen = torch.stack([d[0] for d in drawn], -1) if drawn else pitch[:, :0]
            drawn.append(options.draw(part, self.model.logits(i, output, known, chosen)))
        frame = torch.stack([d[0] for d in drawn], -1)  # [K, 4]
        after = known.past.after(frame)
        parts = torch.stack([drawn[order.index(p)][0] for p in range(len(PARTS))], -1)  # [K, 4]
        log_prob, entropy = (sum_of([d[j] for d in drawn]) for j in (1, 2))
        return parts, [state, torch.cat([after.held, after.before], -1)], log_prob, entropy
