"""The past that a chorale model reads before a frame, as numbers and as features.

Conventions as in `chorale`. A feature is the number of a row of a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from export.corpus.satb import CLASSES, PARTS

START = CLASSES
"""Class of every part before the first frame of a tune."""
LONGEST = 17
"""Largest number of frames that a pitch is counted as held: more than a whole note."""
LEAP, SPAN = 12, 24
"""Semitones beyond which melodic and harmonic intervals are not distinguished."""
CLOCKS = (16, 12, 64)
"""Cycles of the clock in frames: the bar of four quarters, of three, and a phrase of bars."""


@dataclass(frozen=True, slots=True)
class Past:
    """The past before a frame; int64 [..., 4] each but for the position."""

    pitch: Tensor
    """Class of each part in the frame before, or `START`."""
    held: Tensor
    """Frames for which that class has sounded, `LONGEST` at most; 0 before the first frame."""
    before: Tensor
    """Class of each part before that one, or `START`."""
    position: Tensor
    """Frames since the head of the tune [...]."""

    def after(self, frame: Tensor) -> Past:
        """Return the past after `frame` int64 [..., 4]."""
        same = frame == self.pitch
        return Past(
            frame,
            torch.where(same, torch.clamp(self.held + 1, max=LONGEST), 1),
            torch.where(same, self.before, self.pitch),
            self.position + 1,
        )

    def ordered(self, parts: Sequence[int]) -> Past:
        """Return the same past with the parts in another order."""
        columns = list(parts)
        return Past(
            self.pitch[..., columns], self.held[..., columns], self.before[..., columns],
            self.position,
        )  # fmt: skip


def interval(a: Tensor, b: Tensor, most: int) -> Tensor:
    """Return the semitones from b to a as a feature: 0 .. 2 most; 2 most + 1 where one is silent.

    `a` and `b` int64 [...].
    """
    # One product in place of four comparisons: classes are 0 to `START`.
    sounding = a * (START - a) * b * (START - b) > 0
    return torch.where(sounding, torch.clamp(a - b, -most, most) + most, 2 * most + 1)


class Known:
    """The past as features: the rows of tables that are summed."""

    def __init__(self, past: Past) -> None:
        self.past = past
        pitch = past.pitch
        self.melodic = interval(pitch, past.before, LEAP)
        """Interval of each part from its class before [..., 4]."""
        self.harmonic = interval(pitch[..., :, None], pitch[..., None, :], SPAN)
        """Interval from the second part to the first [..., 4, 4]."""
        bar, three, phrase = CLOCKS
        # Quarters without an integer division, which graphs of voices do not allow.
        quarter = (past.position % phrase - past.position % 4) * 0.25
        clock = [past.position % bar, past.position % three, quarter.to(torch.int64)]
        self.clock = torch.stack(clock, dim=-1)
        """Position in each of `CLOCKS` [..., 3]."""

    def of_frame(self) -> Tensor:
        """Return the features of the recurrence, int64 [..., 25], of `FRAME_SIZES` values."""
        chord = [self.harmonic[..., p, p + 1 :] for p in range(len(PARTS) - 1)]  # [..., 3 | 2 | 1]
        past = self.past
        return torch.cat([past.pitch, past.held, self.melodic, *chord, self.clock], dim=-1)

    def of_part(self, i: int, chosen: Tensor) -> Tensor:
        """Return the features of part i, int64 [..., 13 + 3 i], of `part_sizes(i)` values.

        `chosen` int64 [..., i] are the classes of the parts before it.
        """
        pitch = self.past.pitch
        own = [pitch[..., i : i + 1], self.melodic[..., i : i + 1]]  # [..., 1] each
        now = []
        if i:
            steps = interval(chosen, pitch[..., i : i + 1], SPAN)  # [..., i]
            now = [chosen, steps, interval(chosen, pitch[..., :i], LEAP)]  # [..., i] each
        others = [self.past.held, self.harmonic[..., i]]  # [..., 4] each
        return torch.cat([*own, *others, self.clock, *now], dim=-1)


MELODIC, HARMONIC = 2 * LEAP + 2, 2 * SPAN + 2
PITCH, HELD = CLASSES + 1, LONGEST + 1
CLOCK_SIZES = (CLOCKS[0], CLOCKS[1], CLOCKS[2] // 4)
FRAME_SIZES = (*[PITCH] * 4, *[HELD] * 4, *[MELODIC] * 4, *[HARMONIC] * 6, *CLOCK_SIZES)
"""Number of values of each feature of a frame."""


def part_sizes(i: int) -> tuple[int, ...]:
    """Return the number of values of each feature of the part that is chosen after i others."""
    now = (*[CLASSES] * i, *[HARMONIC] * i, *[MELODIC] * i)
    return (PITCH, MELODIC, *[HELD] * 4, *[HARMONIC] * 4, *CLOCK_SIZES, *now)
