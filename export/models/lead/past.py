"""The past that a model of lead sheets reads before each frame, as rows of its tables.

Conventions: `...` are T frames and B rows, or K candidates; all int64. Melody and chord classes are
the runtime's, START one past the last; a bar has 8 to 16 frames.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn

from stream.compose.polyphony.lead_frames import GOES_ON, LINE, STRUCK
from stream.compose.polyphony.voicing import CLASSES

OCTAVE: Final = 12
NONE: Final = 12
"""Root and quality where there is no chord."""
BEGIN: Final = 13
"""Root and quality before the first frame."""
ROOTS: Final = 14
LONGEST: Final = 33
"""Longest age that is distinguished, in frames."""
LAGS: Final = (1, 2, 4, 8)
"""Distances in bars at which the past is read again."""
BARS: Final = {2: 8, 3: 12, 4: 16, 6: 12}
"""Frames in a bar by its units."""
MOST: Final = 16
REACHED: Final = max(LAGS) * MOST
"""Number of past frames that the state has to hold."""
PERIOD: Final = 8
"""Bars after which their number starts again."""
ROUND: Final = math.lcm(*(PERIOD * bar for bar in BARS.values()))
"""Frames after which the clock is the same in every meter."""
FAR: Final = 13
"""Semitones from which on intervals are not distinguished."""
INTERVALS: Final = 2 * FAR + 2
"""Number of interval classes; the last one stands for a missing interval."""
ECHOES: Final = INTERVALS + 3
"""Number of echo classes: an interval to the struck pitch, or held, ended, or before the tune."""
UNHEARD: Final = -1
"""Class of an echo from before the first frame."""
FRAME_SIZES: Final = (
    LINE + 1, LINE, LONGEST + 1, INTERVALS, ROOTS, ROOTS, LONGEST + 1, len(BARS) * MOST, PERIOD,
    OCTAVE + 1, *[ECHOES] * len(LAGS), *[ROOTS] * len(LAGS), *[ROOTS] * len(LAGS),
)  # fmt: skip
CHORD_SIZES: Final = (
    ROOTS, LONGEST + 1, len(BARS) * MOST, OCTAVE + 1, *[ROOTS] * len(LAGS), *[ROOTS] * len(LAGS),
)  # fmt: skip
MELODY_SIZES: Final = (
    LONGEST + 1, len(BARS) * MOST, 2, ROOTS, OCTAVE + 1, 3, *[ECHOES] * len(LAGS),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """The past before each frame."""

    token: Tensor
    """Melody class of the frame before [...]; START before the first."""
    chord: Tensor
    """Chord class of the frame before [...]; START before the first."""
    sounding: Tensor
    """Class that sounds [...], 0 for silence."""
    age: Tensor
    """Frames since the melody struck or ended [...]."""
    last: Tensor
    """Class that was struck last [...], 0 before the first."""
    earlier: Tensor
    """Class that was struck before the last one [...], 0 where there was none."""
    stay: Tensor
    """Frames for which the chord has been held [...]."""
    echo: Tensor
    """Melody, then chord, `LAGS` bars ago [..., 2 len(LAGS)]; UNHEARD before the tune."""
    meter: Tensor
    """Index into BARS [...]."""
    position: Tensor
    """Frames since the head of the tune [...]."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The past as rows of the tables."""

    frame: Tensor
    """Features of the recurrence [..., len(FRAME_SIZES)]."""
    chord: Tensor
    """Features of the chord's head [..., len(CHORD_SIZES)]."""
    reference: Tensor
    """Root of the chord, or pitch class of the melody without a chord [..., 1]."""
    phase: Tensor
    """Meter and place in the bar as one number [..., 1]."""
    echoes: Tensor
    """Melody of bars ago [..., len(LAGS)], struck pitches as intervals from the last one."""


class Reader(nn.Module):
    """Table look-ups of all features, so that a step has few and small products."""

    root: Tensor
    quality: Tensor
    reference: Tensor
    relative: Tensor
    degree: Tensor
    echo: Tensor
    interval: Tensor
    phase: Tensor
    number: Tensor

    def __init__(self) -> None:
        super().__init__()
        for name, values in lookups().items():
            self.register_buffer(name, values, persistent=False)

    def forward(self, known: Known) -> Rows:
        """Return the features of the recurrence and of the heads, all int64."""
        melody, chords = known.echo.split(len(LAGS), dim=-1)  # [..., 4] each
        there = torch.cat([known.chord[..., None], chords], -1) + 1  # [..., 5]
        root, quality = self.root[there], self.quality[there]  # [..., 5] each
        own, others = root.split([1, len(LAGS)], dim=-1)  # [..., 1], [..., 4]
        last, sounding = known.last[..., None], known.sounding[..., None]  # [..., 1] each
        reference = self.reference[own * LINE + last]  # [..., 1]
        relative = self.relative[reference * ROOTS + others]  # [..., 4]
        degree = self.degree[reference * LINE + sounding]  # [..., 1]
        echoes = self.echo[last * (LINE + 1) + melody + 1]  # [..., 4]
        meter, position = known.meter[..., None], known.position[..., None]  # [..., 1] each
        at = meter * ROUND + position % ROUND  # [..., 1]
        phase = self.phase[at]  # [..., 1]
        quality_own, quality_others = quality.split([1, len(LAGS)], dim=-1)  # [..., 1], [..., 4]
        stay, age = known.stay[..., None], known.age[..., None]  # [..., 1] each
        frame = [
            known.token[..., None], sounding, age,
            self.interval[known.earlier[..., None] * LINE + last], own, quality_own, stay, phase,
            self.number[at], degree, echoes, relative, quality_others,
        ]  # fmt: skip
        chord = [quality_own, stay, phase, degree, relative, quality_others]
        return Rows(torch.cat(frame, -1), torch.cat(chord, -1), reference, phase, echoes)

    def of_melody(self, known: Known, rows: Rows, chord: Tensor) -> Tensor:
        """Return the features of the melody's head [..., len(MELODY_SIZES)].

        `chord` [...] is the chord of the same frame.
        """
        now, sounding = chord[..., None], known.sounding[..., None]  # [..., 1] each
        state = torch.where(sounding > 0, 2, (known.last[..., None] > 0).to(torch.int64))
        found = [
            known.age[..., None], rows.phase, torch.where(now == known.chord[..., None], 0, 1),
            self.quality[now + 1], self.degree[self.root[now + 1] * LINE + sounding], state,
            rows.echoes,
        ]  # fmt: skip
        return torch.cat(found, -1)


def lookups() -> dict[str, Tensor]:
    """Return the tables of `Reader` by name; those of pairs are flat, first index major."""
    chords = torch.arange(-1, CLASSES + 1)
    some = (chords > 0) & (chords < CLASSES)
    other = torch.where(chords == 0, NONE, BEGIN)
    roots, lines = torch.arange(ROOTS)[:, None], torch.arange(LINE)[None]
    pitch = (lines + 7) % OCTAVE
    shifted = torch.where(roots < NONE, (roots - roots.T) % OCTAVE, roots).T
    degree = torch.where((roots < NONE) & (lines > 0), (pitch - roots) % OCTAVE, NONE)
    before, after = torch.arange(LINE)[:, None], torch.arange(-1, LINE)[None]
    struck = torch.where(after == GOES_ON, INTERVALS, INTERVALS + 1)
    struck = torch.where(after == UNHEARD, INTERVALS + 2, struck)
    struck = torch.where(after >= STRUCK, interval(after, before), struck)
    bars, places = torch.tensor(list(BARS.values())), torch.arange(ROUND)[None]
    return {
        "root": torch.where(some, (chords - 1) % OCTAVE, other),
        "quality": torch.where(some, (chords - 1) // OCTAVE, other),
        "reference": torch.where(roots < NONE, roots, pitch * (lines > 0)).flatten(),
        "relative": shifted.flatten(),
        "degree": degree.flatten(),
        "echo": struck.flatten(),
        "interval": interval(lines, lines.T).flatten(),
        "phase": (torch.arange(len(BARS))[:, None] * MOST + places % bars[:, None]).flatten(),
        "number": (places // bars[:, None] % PERIOD).flatten(),
    }


def root_of(chord: Tensor) -> Tensor:
    """Return the pitch class of the root [...]; NONE without chord, BEGIN before the tune."""
    root = torch.where(chord > 0, (chord - 1) % OCTAVE, NONE)
    return torch.where((chord < 0) | (chord >= CLASSES), BEGIN, root)


def quality_of(chord: Tensor) -> Tensor:
    """Return the number of the quality [...]; NONE without chord, BEGIN before the tune."""
    quality = torch.where(chord > 0, (chord - 1) // OCTAVE, NONE)
    return torch.where((chord < 0) | (chord >= CLASSES), BEGIN, quality)


def interval(pitch: Tensor, before: Tensor) -> Tensor:
    """Return the interval class [...] of two struck classes; the last class for a missing one."""
    there = (pitch >= STRUCK) & (before >= STRUCK)
    return torch.where(there, torch.clamp(pitch - before, -FAR, FAR) + FAR, INTERVALS - 1)
