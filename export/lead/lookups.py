"""Lookup tables of the step of a lead sheet, joined into few gathers of many columns.

A step stores the past as one row of whole numbers, here called codes; 0: nothing yet. An input of a
table of the model is one entry of one joint lookup table, at a place that is a sum of codes times
strides: a product of small matrices, exact in fp32.

Conventions: K candidates; the codes, in their order, are `CODES`; features are those of
`past.FRAME_SIZES`, and last the class struck last, which the melody's head reads.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor

from export.models.lead.past import (
    BARS,
    FRAME_SIZES,
    LAGS,
    LONGEST,
    NONE,
    REACHED,
    ROOTS,
    lookups,
)
from stream.compose.polyphony.lead_frames import GOES_ON, LINE, STRUCK
from stream.compose.polyphony.voicing import CLASSES

LATELY: Final = ("sounding", "last", "earlier", "age", "stay")
"""Parts of `past.Known` in the state; ages are negative, so one bound clips them alone."""
STATE_WIDTH: Final = len(LATELY) + 2 * REACHED
"""Numbers in the state: these, then melody and chord of each frame, the latest first."""
MELODIES, CHORDS = (tuple(f"{part} {lag} bars ago" for lag in LAGS) for part in ("melody", "chord"))
CODES: Final = (*LATELY, "melody", "chord", *MELODIES, *CHORDS)
"""Melodies and chords are one more than their class."""
SOUNDING, LAST, ROOT = 0, 1, 2
"""Features whose places are needed by themselves: the first two are the classes."""
LINES: Final = LINE + 1
SYMBOLS: Final = CLASSES + 2
"""Codes of a melody and of a chord."""
ORDER: Final = (1, 22, 4, 0, 2, 3, 5, 6, *range(9, 22), 7, 8)
"""Features as they are gathered: the last two, the clock's, are looked up elsewhere."""
SIZES: Final = (*FRAME_SIZES, LINE)


class Joint:
    """The joint table `entries` [n] int64, and how places in it come about.

    `strides` [codes, features] and `bases` [features] give the places without the reference,
    `shifts` [12, features] what each reference adds.
    """

    def __init__(self) -> None:
        self._parts: list[Tensor] = []
        self._columns: list[Tensor] = []
        self._begins: list[int] = []
        self._shifts: list[int] = []
        known, codes = lookups(), torch.arange(SYMBOLS)
        same = self._part(torch.arange(LINE))
        root = self._part(known["root"].repeat_interleave(LINE))
        line = self._part((torch.arange(LINES) - 1) % LINES)
        interval = self._part(known["interval"])
        quality = self._part(known["quality"])
        degree = self._part(known["degree"][: NONE * LINE])
        echo = self._part(known["echo"])
        shifted = known["relative"].view(ROOTS, ROOTS)[:NONE, known["root"][codes]]
        relative = self._part(shifted.flatten())
        self._feature(same, sounding=1)
        self._feature(same, last=1)
        self._feature(root, chord=LINE, last=1)
        self._feature(line, melody=1)
        self._feature(same, age=-1)
        self._feature(interval, earlier=LINE, last=1)
        self._feature(quality, chord=1)
        self._feature(same, stay=-1)
        self._feature(degree, LINE, sounding=1)
        for name in MELODIES:
            self._feature(echo, **{"last": LINES, name: 1})
        for name in CHORDS:
            self._feature(relative, SYMBOLS, **{name: 1})
        for name in CHORDS:
            self._feature(quality, **{name: 1})
        self.entries = torch.cat(self._parts)
        self.strides = torch.stack(self._columns, 1)
        self.bases = torch.tensor(self._begins)
        self.shifts = torch.arange(NONE)[:, None] * torch.tensor(self._shifts)
        references = known["reference"].view(ROOTS, LINE)[known["root"]].flatten()
        self.references = torch.cat([torch.zeros(root, dtype=torch.int64), references])
        """Reference by the place of the root."""

    def _part(self, entries: Tensor) -> int:
        """Append entries; return where they begin in the joint table."""
        begin = sum(map(len, self._parts))
        self._parts.append(entries)
        return begin

    def _feature(self, begin: int, by_reference: int = 0, **strides: int) -> None:
        self._columns.append(torch.tensor([float(strides.get(name, 0)) for name in CODES]))
        self._begins.append(begin)
        self._shifts.append(by_reference)


def state_places() -> Tensor:
    """Return the place of each code in the state [meters, codes]."""
    recent = list(range(len(LATELY) + 2))
    first = len(LATELY)
    return torch.tensor([
        [*recent, *(first + 2 * (lag * bar - 1) + part for part in (0, 1) for lag in LAGS)]
        for bar in BARS.values()
    ])  # fmt: skip


def clock() -> Tensor:
    """Return the place in the bar and the number of the bar [meters * ROUND, 2]."""
    known = lookups()
    return torch.stack([known["phase"], known["number"]], -1)


def class_numbers() -> tuple[Tensor, Tensor]:
    """Return the numbers of each class [LINE, 3], and which of all the state keeps [LINE, 7].

    All are these numbers: the class, 0, its code; then the chord's code, how long it was held if
    it is the same, and the codes before the frame. The state keeps `LATELY`, melody and chord.
    """
    classes = torch.arange(LINE)
    numbers = torch.stack([classes, torch.zeros_like(classes), classes + 1], -1).float()
    struck, goes_on = classes >= STRUCK, classes == GOES_ON
    new, nothing, code, chord, stay = range(5)
    sounding, last, earlier, age = range(5, 9)
    columns = [
        torch.where(goes_on, sounding, torch.where(struck, new, nothing)),
        torch.where(struck, new, last),
        torch.where(struck, last, earlier),
        torch.where(goes_on, age, nothing),
        *(torch.full_like(classes, at) for at in (stay, code, chord)),
    ]
    return numbers, torch.stack(columns, -1)


AGING: Final = (*(-1.0 if name in ("age", "stay") else 0.0 for name in LATELY), 0.0, 0.0)
"""Numbers that a frame adds to the state."""
OLDEST: Final = -LONGEST
