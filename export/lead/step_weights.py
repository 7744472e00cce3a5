"""Weights and tables of the step of a model of lead sheets, `export.lead.step`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.lead import lookups
from export.lead.lookups import Joint
from export.models.lead.lead_sheet import OCTAVE, STYLES, TAGS, LeadSheet
from export.models.lead.past import BARS, FRAME_SIZES
from export.models.polyphony.chorale import Table
from stream.compose.polyphony.lead_frames import LINE
from stream.compose.polyphony.voicing import CLASSES

USUAL = list(BARS).index(4)
"""Meter without a tag of one."""
BARELY = 1e-6
"""Weight below that of any tag."""
OF_CHORD = (5, 6, 7, 9, *range(14, 22))
OF_MELODY = (2, 7, *range(10, 14))
"""Features of the frame that the heads read as well."""
AGE, PHASE, SAME, QUALITY, DEGREE, STATE, ECHO = range(7)
"""Features of the melody's head."""


def table(model: LeadSheet) -> Table:
    """Return the rows of the recurrence and of both heads, side by side."""
    hidden, width = model.config.hidden, model.config.width
    made = Table([lookups.SIZES[feature] for feature in lookups.ORDER], hidden + 2 * width)
    made.weight.zero_()
    made.offsets = made.offsets.to(torch.int32)
    blocks = dict(zip(lookups.ORDER, made.weight.split(
        [lookups.SIZES[feature] for feature in lookups.ORDER]), strict=True))  # fmt: skip
    frame, chords, lines = (_rows(t) for t in (model.table, model.chords.table, model.lines.table))
    for feature, rows in enumerate(frame):
        blocks[feature][:, :hidden] = rows
    for feature, rows in zip(OF_CHORD, chords, strict=True):
        blocks[feature][:, hidden : hidden + width] = rows
    of_melody = [lines[AGE], lines[PHASE], *lines[ECHO:]]
    for feature, rows in zip(OF_MELODY, of_melody, strict=True):
        blocks[feature][:, hidden + width :] = rows
    # What sounds is what was struck last.
    silent, struck, sounds = lines[STATE]
    blocks[len(FRAME_SIZES)][:, hidden + width :] = struck
    blocks[len(FRAME_SIZES)][0, hidden + width :] = silent
    blocks[1][1:, hidden + width :] = sounds - struck
    return made


def _rows(table: Table) -> tuple[Tensor, ...]:
    """Return the rows of each feature."""
    sizes = [*table.offsets.diff().tolist(), len(table.weight) - int(table.offsets[-1])]
    return table.weight.split(sizes)


def regated(layer: nn.Linear) -> nn.Linear:
    """Return a layer with its gates as input, forget, output, and the cell's input last."""
    made = nn.Linear(layer.in_features, layer.out_features)
    for new, old in ((made.weight, layer.weight), (made.bias, layer.bias)):
        i, f, g, o = old.chunk(4)
        new.copy_(torch.cat([i, f, o, g]))
    return made


def padded(out: nn.Linear, begin: int, end: int) -> nn.Linear:
    """Return the rows `begin` to `end` behind the others, and before them one that gives 0."""
    made = nn.Linear(out.in_features, out.out_features + 1)
    for new, old in ((made.weight, out.weight), (made.bias, out.bias)):
        moved = [old[:begin], old[end:], torch.zeros_like(old[:1]), old[begin:end]]
        new.copy_(torch.cat(moved))
    return made


def weights(model: LeadSheet) -> dict[str, Tensor]:
    """Return the weights of both heads together."""
    chords, lines, width = model.chords, model.lines, model.config.width
    rows = _rows(lines.table)
    tags = model.tags.weight.T
    changed = lines.context.bias + rows[SAME][1]
    return {
        "tags": torch.cat([tags, torch.zeros(len(TAGS), 2 * width)], 1),
        "bias": torch.cat([torch.zeros(model.config.hidden), chords.context.bias, changed]),
        "context": torch.cat([chords.context.weight, lines.context.weight]).T.contiguous(),
        "held": rows[SAME][0] - rows[SAME][1],
        "now": torch.cat([rows[QUALITY], rows[DEGREE]]),
        "steps": _steps(model), "intervals": model.intervals + LINE,
        "degrees": model.degrees[model.reader.root[1 : CLASSES + 1]] + LINE,
        "pairs": _pairs(model, len(rows[QUALITY])),
    }  # fmt: skip


def _steps(model: LeadSheet) -> Tensor:
    """Return the column of each chord's difference by reference [12, 145]; without one, of 0."""
    none = torch.full((OCTAVE, 1), 2 * CLASSES - 1)
    return torch.cat([none, model.steps + CLASSES], 1)


def _pairs(model: LeadSheet, behind: int) -> Tensor:
    """Return quality and degree, the latter `behind`, by chord and sounding class [145 * 90, 2]."""
    reader = model.reader
    chords, lines = torch.arange(1, CLASSES + 1)[:, None], torch.arange(LINE)[None]
    degree = reader.degree[reader.root[chords] * LINE + lines]
    quality = reader.quality[chords].expand_as(degree)
    return torch.stack([quality, degree + behind], -1).view(-1, 2).to(torch.int32)


def constants() -> dict[str, Tensor]:
    joint = Joint()
    numbers, latest_places = lookups.class_numbers()
    meters = torch.zeros(len(TAGS), len(BARS))
    for i in range(len(BARS)):
        meters[len(STYLES) + i, i] = 1.0
    small = {"entries": joint.entries, "clock": lookups.clock()}
    return {
        "meters": meters, "default_meter": BARELY * torch.eye(len(BARS))[USUAL],
        "looking": lookups.state_places(), "references": joint.references.to(torch.int32),
        "strides": joint.strides, "bases": joint.bases.float(),
        "shifts": joint.shifts,
        "same": torch.eye(CLASSES + 1)[:, :CLASSES].contiguous(),
        "codes": torch.arange(1.0, CLASSES + 1)[:, None],
        "numbers": numbers, "latest_places": latest_places, "aging": torch.tensor(lookups.AGING),
        **{name: value.to(torch.int32) for name, value in small.items()},
    }  # fmt: skip
