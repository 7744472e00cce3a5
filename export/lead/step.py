"""The step of a model of lead sheets: the chord of a frame, then its melody."""

from __future__ import annotations

import torch
from torch import Tensor

from export.lead.lead_sheet import KIND
from export.models.lead.lead_sheet import STYLES, TAGS, LeadSheet
from export.models.lead.past import BARS, REACHED, Known, Past
from export.polyphony.step import Drawn, FrameStep, Options, Shape, gathering, sum_of, zeros
from stream.compose.polyphony.kinds import LEAD_SHEET
from stream.voice import TensorSpec

LATELY = 6
"""What is kept of the notes, and the chord before the last one."""
USUAL = list(BARS).index(4)
"""The metre where no tag tells it."""


class LeadSheetStep(FrameStep):
    """States: the recurrence's; the past of melody and chord, int64."""

    def __init__(self, model: LeadSheet) -> None:
        states = (
            TensorSpec("recurrence", (model.width,), "float32"),
            TensorSpec("past", (LATELY + 2 * REACHED,), "int64"),
        )
        super().__init__(Shape(LEAD_SHEET, KIND.heads, states, TAGS, len(KIND.heads)))
        self.model = gathering(model)

    def frame(
        self, token: Tensor, states: list[Tensor], where: tuple[Tensor, Tensor], options: Options
    ) -> Drawn:
        begins, position = where
        state = torch.where(begins[:, None], 0.0, states[0])
        before = states[1]
        kept = _past(before).after(token[:, 0], token[:, 1])
        after = torch.cat([kept.lately, kept.chord[:, None], kept.history], -1)
        after = torch.where(begins[:, None], zeros(after), after)
        now, metre = _past(after), _metre(options.style)
        known = Known(
            token[:, 0], token[:, 1], *now.lately.unbind(-1), now.echo(metre, position),
            metre, position,
        )  # fmt: skip
        output, state = self.model.cell.step(self.model.embedded(known, options.style), state)
        chord = options.draw(1, self.model.chord(output, known))
        melody = options.draw(0, self.model.melody(output, known, chord[0]))
        log_prob, entropy = (sum_of([melody[j], chord[j]]) for j in (1, 2))
        return torch.stack([melody[0], chord[0]], -1), [state, after], log_prob, entropy


def _past(kept: Tensor) -> Past:
    lately, chord, history = kept.split([LATELY - 1, 1, 2 * REACHED], dim=-1)
    return Past(lately, chord.squeeze(-1), history)


def _metre(style: Tensor) -> Tensor:
    """[K] index into BARS by the tags."""
    tags = style[:, len(STYLES) : len(STYLES) + len(BARS)]
    told = torch.argmax(tags, -1)
    return torch.where(tags.sum(-1) > 0, told, USUAL)
