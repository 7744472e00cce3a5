"""The step of a model of lead sheets: the chord of a frame, then its melody.

The cost of a step grows with the nodes of its graph: so lookups are joined, in `lookups`, both
heads read one product and one table, and rows of the same table are gathered once. The equations
are those of `export.models.lead.lead_sheet`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.frames.step import PERIOD, FrameStep, Gathered, Shape
from export.lead import lookups, step_weights
from export.lead.lead_sheet import KIND
from export.lead.lookups import CODES, LAST, ROOT, SOUNDING
from export.models.lead.lead_sheet import TAGS, Head, LeadSheet
from export.models.lead.past import ROUND
from export.models.step import likely
from stream.compose.polyphony.kinds import LEAD_SHEET
from stream.compose.polyphony.lead_frames import LINE
from stream.compose.polyphony.voicing import CLASSES
from stream.voices.spec import TensorSpec

MOST = 24
"""Most classes of a nucleus: ordering all of them would take longer than all else."""
LARGEST = 1 - 2**-23
"""Largest noise, so that rounding cannot step past the last class."""


class LeadSheetStep(FrameStep):
    """A lead sheet's step; its states are the recurrence's and the past's of `lookups`."""

    least_int8 = 20_000
    """Products with fewer weights, those of the heads, stay fp32 in an int8 voice."""
    meters: Tensor
    default_meter: Tensor
    looking: Tensor
    references: Tensor
    strides: Tensor
    bases: Tensor
    shifts: Tensor
    entries: Tensor
    clock: Tensor
    same: Tensor
    codes: Tensor
    numbers: Tensor
    latest_places: Tensor
    aging: Tensor
    tags: Tensor
    bias: Tensor
    context: Tensor
    held: Tensor
    now: Tensor
    steps: Tensor
    intervals: Tensor
    degrees: Tensor
    pairs: Tensor

    def __init__(self, model: LeadSheet) -> None:
        states = (
            TensorSpec("recurrence", (model.width,), "float32"),
            TensorSpec("past", (lookups.STATE_WIDTH,), "float32"),
        )
        super().__init__(Shape(LEAD_SHEET, KIND.heads, states, TAGS, len(KIND.heads)))
        model = model.eval()
        self.hidden = model.config.hidden
        self.widths = (model.config.hidden, 2 * model.config.width)
        with torch.no_grad():
            self.table = Gathered(step_weights.table(model))
            self.layers = nn.ModuleList(step_weights.regated(layer) for layer in model.cell.layers)
            self.chords = Rest(
                model.chords, step_weights.padded(model.chords.out, CLASSES, CLASSES + 1)
            )
            self.lines = Rest(model.lines, step_weights.padded(model.lines.out, LINE, LINE))
            for name, value in (step_weights.constants() | step_weights.weights(model)).items():
                self.register_buffer(name, value)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs that `shape` names, from the inputs that it names.

        A tune begins with states of zeros, so START only sets the clock.
        """
        token, chord, state, past, position, _, style, temperature, top_p, noise, *force = inputs
        position = torch.where(token == LINE, 0, position)
        meter = torch.addmm(self.default_meter, style, self.meters).argmax(-1)  # [K]
        codes = torch.gather(past, -1, self.looking[meter])  # [K, codes]
        places = torch.addmm(self.bases, codes, self.strides).to(torch.int64)  # [K, features]
        reference = self.references[places[:, ROOT]]  # int32 [K]
        rows = self.entries[places + F.embedding(reference, self.shifts)]  # int32 [K, features]
        time = F.embedding(meter * ROUND + position % ROUND, self.clock)  # int32 [K, 2]
        # Inputs of the recurrence and of both heads [K, H + 2 U].
        known = self.table(torch.cat([rows, time], -1)) + torch.addmm(self.bias, style, self.tags)
        x, heads = known.split(self.widths, -1)  # [K, H], [K, 2 U]
        output, state = self._recurrence(x, state)
        heads = torch.addmm(heads, output, self.context)  # [K, 2 U]
        of_chord, of_melody = heads.chunk(2, -1)  # [K, U] each
        shares = torch.clamp(noise, max=LARGEST).split(1, -1)  # [K, 1] each
        options = (temperature, top_p)

        found = self.chords(of_chord)  # [K, 2 * 145]
        chords = found[:, :CLASSES] + torch.gather(found, -1, F.embedding(reference, self.steps))
        before = F.embedding(chord, self.same)  # [K, CLASSES]
        chords = chords + found[:, -1:] * before
        chord = _drawn(chords, shares[1], options, force[1])
        again = torch.gather(before, -1, chord[:, None])  # [K, 1]

        both = chord * LINE + places[:, SOUNDING]  # int64 [K]
        beside = F.embedding(F.embedding(both, self.pairs), self.now).sum(-2)  # [K, U]
        found = self.lines(of_melody + beside + again * self.held)  # [K, lines, degrees, intervals]
        melody = found[:, :LINE] + torch.gather(
            found, -1, F.embedding(places[:, LAST], self.intervals)
        )
        melody = melody + torch.gather(found, -1, F.embedding(chord, self.degrees))
        token = _drawn(melody, shares[0], options, force[0])

        numbers = torch.cat(
            [F.embedding(token, self.numbers), F.embedding(chord, self.codes),
             codes[:, STAY : STAY + 1] * again, codes[:, :STAY]], -1
        )  # fmt: skip
        latest = torch.gather(numbers, -1, F.embedding(token, self.latest_places)) + self.aging
        latest = torch.clamp(latest, lookups.OLDEST, lookups.SYMBOLS)  # [K, 7]
        past = torch.cat([latest, past[:, len(lookups.LATELY) : -2]], -1)
        log_p = torch.cat([torch.log_softmax(melody, -1), torch.log_softmax(chords, -1)], -1)
        drawn = torch.cat([token[:, None], chord[:, None] + LINE], -1)  # [K, 2]
        log_prob = torch.gather(log_p, -1, drawn).sum(-1)
        entropy = -(log_p.exp() * log_p).sum(-1)
        return token, chord, state, past, (position + 1) % PERIOD, log_prob, entropy

    def _recurrence(self, x: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Return output and states of `models.lstm`, with the gates in another order."""
        after, parts = [], state.chunk(2 * len(self.layers), -1)
        for layer, h, c in zip(self.layers, parts[::2], parts[1::2], strict=True):
            opened, g = layer(torch.cat([x, h], -1)).split([3 * self.hidden, self.hidden], -1)
            i, f, o = torch.sigmoid(opened).chunk(3, -1)
            cell = f * c + i * torch.tanh(g)
            x = o * torch.tanh(cell)
            after += [x, cell]
        return x, torch.cat(after, -1)


STAY = CODES.index("stay")


def _drawn(logits: Tensor, share: Tensor, options: tuple[Tensor, Tensor], force: Tensor) -> Tensor:
    """Return the class [K], as `models.step.choose` does, from the likeliest classes alone."""
    temperature, top_p = options
    p = torch.softmax(logits / temperature, -1)
    return torch.where(force >= 0, force, likely(p, share, top_p, MOST))


class Rest(nn.Module):
    """A head behind its context."""

    def __init__(self, head: Head, out: nn.Linear) -> None:
        super().__init__()
        self.norm, self.mix, self.out = head.norm, head.mix, out

    def forward(self, context: Tensor) -> Tensor:
        """Return [K, out] from the context [K, U]."""
        a = F.silu(self.norm(context))  # [K, U]
        return self.out(a + F.silu(self.mix(a)))
