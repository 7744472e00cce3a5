"""The step of a model of lead sheets: the chord of a frame, then its melody."""

from __future__ import annotations

import torch
from torch import Tensor

from export.lead.lead_sheet import KIND
from export.models.lead.lead_sheet import STYLES, TAGS, LeadSheet
from export.models.lead.past import BARS, REACHED, Known, Past
from export.polyphony.step import Drawn, FrameStep, Options, Shape, gathering, sum_of
from stream.compose.polyphony.kinds import LEAD_SHEET
from stream.voice import TensorSpec

LATELY = 5
"""Numbers that are kept of the notes."""
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
        # A tune begins with states of zeros; START itself is no past.
        warm = 1 - begins.to(torch.int64)[:, None]
        now = _past(states[1]).after(token[:, 0], token[:, 1])
        past = torch.cat([now.lately, now.history], -1) * warm
        now, metre = _past(past), _metre(options.style)
        known = Known(
            token[:, 0], token[:, 1], *(now.lately[:, i] for i in range(LATELY)),
            now.echo(metre, position), metre, position,
        )  # fmt: skip
        rows = self.model.reader(known)
        output, state = self.model.cell.step(self.model.embedded(rows, options.style), states[0])
        chord = options.draw(1, self.model.chord(output, known, rows))
        melody = options.draw(0, self.model.melody(output, known, rows, chord[0]))
        log_prob, entropy = (sum_of([melody[j], chord[j]]) for j in (1, 2))
        return torch.stack([melody[0], chord[0]], -1), [state, past], log_prob, entropy


def _past(kept: Tensor) -> Past:
    return Past(*kept.split([LATELY, 2 * REACHED], dim=-1))


def _metre(style: Tensor) -> Tensor:
    """[K] index into BARS by the tags."""
    tags = style[:, len(STYLES) : len(STYLES) + len(BARS)]
    told = torch.argmax(tags, -1)
    return torch.where(tags.sum(-1) > 0, told, USUAL)
