"""What a model of lead sheets is told of the past before each frame, as rows of its tables.

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
"""Root of no chord."""
BEGIN: Final = 13
"""Root and quality before the first frame."""
ROOTS: Final = 14
LONGEST: Final = 33
"""Frames to which ages are told apart."""
LAGS: Final = (1, 2, 4, 8)
"""Bars ago."""
BARS: Final = {2: 8, 3: 12, 4: 16, 6: 12}
"""Frames in a bar by its units."""
MOST: Final = 16
REACHED: Final = max(LAGS) * MOST
"""Frames that have to be remembered."""
PERIOD: Final = 8
"""Bars that are told apart by their number."""
ROUND: Final = math.lcm(*(PERIOD * bar for bar in BARS.values()))
"""Frames after which the clock is the same in every metre."""
FAR: Final = 13
"""Semitones from which on intervals are alike."""
INTERVALS: Final = 2 * FAR + 2
"""The last: there is none."""
ECHOES: Final = INTERVALS + 3
"""An interval to what was struck, or it went on, ended, or was not yet."""
UNHEARD: Final = -1
"""Class of a frame before the first one, as an echo."""
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
    """Before each frame."""

    token: Tensor
    """[...] of the melody in the frame before ..."""
    chord: Tensor
    """[...] ... and its chord; START before the first."""
    sounding: Tensor
    """[...] class that sounds, 0 for none."""
    age: Tensor
    """[...] frames since the melody struck or ended."""
    last: Tensor
    """[...] class that was struck last, 0 for none ..."""
    earlier: Tensor
    """[...] ... and the one before it."""
    stay: Tensor
    """[...] frames for which the chord has been held."""
    echo: Tensor
    """[..., 2 len(LAGS)] melody bars ago, then chord bars ago; UNHEARD where nothing was."""
    metre: Tensor
    """[...] index into BARS."""
    position: Tensor
    """[...] frames since the head of the tune."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The same as rows of the tables."""

    frame: Tensor
    """[..., len(FRAME_SIZES)] for the recurrence."""
    chord: Tensor
    """[..., len(CHORD_SIZES)]"""
    reference: Tensor
    """[..., 1] the root of the chord, or the pitch class of the melody where there is none."""
    phase: Tensor
    """[..., 1]"""
    echoes: Tensor
    """[..., len(LAGS)] what the melody did, struck pitches as intervals from the last one."""


class Reader(nn.Module):
    """Looks everything up, so that a step has few and cheap products of small numbers."""

    def __init__(self) -> None:
        super().__init__()
        for name, values in lookups().items():
            self.register_buffer(name, values, persistent=False)

    def forward(self, known: Known) -> Rows:
        """What the heads and the recurrence are told of the past."""
        melody, chords = known.echo.split(len(LAGS), dim=-1)
        there = torch.cat([known.chord[..., None], chords], -1) + 1
        root, quality = self.root[there], self.quality[there]
        own, others = root.split([1, len(LAGS)], dim=-1)
        last, sounding = known.last[..., None], known.sounding[..., None]
        reference = self.reference[own * LINE + last]
        relative = self.relative[reference * ROOTS + others]
        degree = self.degree[reference * LINE + sounding]
        echoes = self.echo[last * (LINE + 1) + melody + 1]
        metre, position = known.metre[..., None], known.position[..., None]
        at = metre * ROUND + position % ROUND
        phase = self.phase[at]
        quality_own, quality_others = quality.split([1, len(LAGS)], dim=-1)
        stay, age = known.stay[..., None], known.age[..., None]
        frame = [
            known.token[..., None], sounding, age,
            self.interval[known.earlier[..., None] * LINE + last], own, quality_own, stay, phase,
            self.number[at], degree, echoes, relative, quality_others,
        ]  # fmt: skip
        chord = [quality_own, stay, phase, degree, relative, quality_others]
        return Rows(torch.cat(frame, -1), torch.cat(chord, -1), reference, phase, echoes)

    def of_melody(self, known: Known, rows: Rows, chord: Tensor) -> Tensor:
        """[..., len(MELODY_SIZES)] beside the chord [...] of the frame."""
        now, sounding = chord[..., None], known.sounding[..., None]
        state = torch.where(sounding > 0, 2, (known.last[..., None] > 0).to(torch.int64))
        found = [
            known.age[..., None], rows.phase, torch.where(now == known.chord[..., None], 0, 1),
            self.quality[now + 1], self.degree[self.root[now + 1] * LINE + sounding], state,
            rows.echoes,
        ]  # fmt: skip
        return torch.cat(found, -1)


def lookups() -> dict[str, Tensor]:
    """What `Reader` looks up, by name: flat, but for one row a pair."""
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
    """[...] pitch class; NONE, or BEGIN for START and what was not yet."""
    root = torch.where(chord > 0, (chord - 1) % OCTAVE, NONE)
    return torch.where((chord < 0) | (chord >= CLASSES), BEGIN, root)


def quality_of(chord: Tensor) -> Tensor:
    """[...] number of the quality; NONE for no chord, BEGIN as for roots."""
    quality = torch.where(chord > 0, (chord - 1) // OCTAVE, NONE)
    return torch.where((chord < 0) | (chord >= CLASSES), BEGIN, quality)


def interval(pitch: Tensor, before: Tensor) -> Tensor:
    """[...] of classes that were struck; the last one where there is none."""
    there = (pitch >= STRUCK) & (before >= STRUCK)
    return torch.where(there, torch.clamp(pitch - before, -FAR, FAR) + FAR, INTERVALS - 1)
