"""What a chorale model knows before a frame, as numbers and as features.

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
"""Frames that a pitch is counted as held at most: more than a whole note."""
LEAP, SPAN = 12, 24
"""Semitones that melodic and harmonic intervals are told apart up to."""
CLOCKS = (16, 12, 64)
"""Cycles of the clock in frames: the bar of four quarters, of three, and a phrase of bars."""


@dataclass(frozen=True, slots=True)
class Past:
    """What is known before a frame; int64 [..., 4] each but for the position."""

    pitch: Tensor
    """Class of each part in the frame before, or `START`."""
    held: Tensor
    """Frames for which it has sounded, `LONGEST` at most; 0 before the first frame."""
    before: Tensor
    """Class that the part had before that one, or `START`."""
    position: Tensor
    """[...]: frames since the head of the tune."""

    def after(self, frame: Tensor) -> Past:
        """What is known once `frame` [..., 4] has sounded."""
        same = frame == self.pitch
        return Past(
            frame,
            torch.where(same, torch.clamp(self.held + 1, max=LONGEST), 1),
            torch.where(same, self.before, self.pitch),
            self.position + 1,
        )

    def ordered(self, parts: Sequence[int]) -> Past:
        """With the parts in another order."""
        columns = list(parts)
        return Past(
            self.pitch[..., columns], self.held[..., columns], self.before[..., columns],
            self.position,
        )  # fmt: skip


def interval(a: Tensor, b: Tensor, most: int) -> Tensor:
    """Semitones from b to a as a feature: 0 .. 2 most, clamped; 2 most + 1 where one is silent."""
    # One product in place of four comparisons: classes are 0 to `START`.
    sounding = a * (START - a) * b * (START - b) > 0
    return torch.where(sounding, torch.clamp(a - b, -most, most) + most, 2 * most + 1)


class Known:
    """The past as features, the rows of tables that are summed."""

    def __init__(self, past: Past) -> None:
        self.past = past
        pitch = past.pitch
        self.melodic = interval(pitch, past.before, LEAP)
        self.harmonic = interval(pitch[..., :, None], pitch[..., None, :], SPAN)
        """[..., 4, 4]: semitones from the second part to the first."""
        bar, three, phrase = CLOCKS
        # Quarters without a division of whole numbers, which graphs of voices do not hold.
        quarter = (past.position % phrase - past.position % 4) * 0.25
        clock = [past.position % bar, past.position % three, quarter.to(torch.int64)]
        self.clock = torch.stack(clock, dim=-1)

    def of_frame(self) -> Tensor:
        """[..., 21] int64, of `FRAME_SIZES` values."""
        chord = [self.harmonic[..., p, p + 1 :] for p in range(len(PARTS) - 1)]
        past = self.past
        return torch.cat([past.pitch, past.held, self.melodic, *chord, self.clock], dim=-1)

    def of_part(self, i: int, chosen: Tensor) -> Tensor:
        """[..., 13 + 3 i] int64, of `part_sizes(i)` values."""
        pitch = self.past.pitch
        own = [pitch[..., i : i + 1], self.melodic[..., i : i + 1]]
        now = []
        if i:
            steps = interval(chosen, pitch[..., i : i + 1], SPAN)
            now = [chosen, steps, interval(chosen, pitch[..., :i], LEAP)]
        others = [self.past.held, self.harmonic[..., i]]
        return torch.cat([*own, *others, self.clock, *now], dim=-1)


MELODIC, HARMONIC = 2 * LEAP + 2, 2 * SPAN + 2
PITCH, HELD = CLASSES + 1, LONGEST + 1
CLOCK_SIZES = (CLOCKS[0], CLOCKS[1], CLOCKS[2] // 4)
FRAME_SIZES = (*[PITCH] * 4, *[HELD] * 4, *[MELODIC] * 4, *[HARMONIC] * 6, *CLOCK_SIZES)
"""Values of each feature of a frame."""


def part_sizes(i: int) -> tuple[int, ...]:
    """Values of each feature of the part that is chosen after i others."""
    now = (*[CLASSES] * i, *[HARMONIC] * i, *[MELODIC] * i)
    return (PITCH, MELODIC, *[HELD] * 4, *[HARMONIC] * 4, *CLOCK_SIZES, *now)
