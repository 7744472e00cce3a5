"""What a model of lead sheets is told of the past before each frame, as rows of its tables.

Conventions: `...` are T frames and B rows, or K candidates; all int64. Melody and chord classes are
the runtime's, START one past the last; a bar has 8 to 16 frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from stream.compose.polyphony.lead_frames import ENDS, GOES_ON, LINE, STRUCK
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
FAR: Final = 13
"""Semitones from which on intervals are alike."""
INTERVALS: Final = 2 * FAR + 2
"""The last: there is none."""
ECHOES: Final = INTERVALS + 3
"""An interval to what was struck, or it went on, ended, or was not yet."""
UNHEARD: Final = -1
"""Class of a frame before the first one, as an echo."""
FRAME_SIZES: Final = (
    LINE + 1, LINE, LONGEST + 1, INTERVALS, ROOTS, ROOTS, LONGEST + 1, len(BARS) * MOST, 8,
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

    @property
    def reference(self) -> Tensor:
        """[...] the root of the chord, or the pitch class of the melody where there is none."""
        root = root_of(self.chord)
        other = torch.where(self.last > 0, (self.last + 7) % OCTAVE, 0)
        return torch.where(root < NONE, root, other)

    def of_frame(self) -> Tensor:
        """[..., len(FRAME_SIZES)] rows for the recurrence."""
        rows = [
            self.token, self.sounding, self.age, interval(self.last, self.earlier),
            root_of(self.chord), quality_of(self.chord), self.stay, self._phase(), self._bar() % 8,
            self._degree(self.reference, self.sounding),
            *self._melodies(), *self._roots(), *self._qualities(),
        ]  # fmt: skip
        return torch.stack(rows, -1)

    def of_chord(self) -> Tensor:
        """[..., len(CHORD_SIZES)] rows for the chord."""
        degree = self._degree(self.reference, self.sounding)
        rows = [quality_of(self.chord), self.stay, self._phase(), degree]
        return torch.stack([*rows, *self._roots(), *self._qualities()], -1)

    def of_melody(self, chord: Tensor) -> Tensor:
        """[..., len(MELODY_SIZES)] rows for the melody beside the chord [...] of the frame."""
        changes = (chord != self.chord).to(torch.int64)
        state = torch.where(self.sounding > 0, 2, (self.last > 0).to(torch.int64))
        rows = [
            self.age, self._phase(), changes, quality_of(chord),
            self._degree(root_of(chord), self.sounding), state, *self._melodies(),
        ]  # fmt: skip
        return torch.stack(rows, -1)

    def _frames(self) -> Tensor:
        """[...] in a bar."""
        return frames_in_bar(self.metre)

    def _phase(self) -> Tensor:
        return self.metre * MOST + self.position % self._frames()

    def _bar(self) -> Tensor:
        return torch.div(self.position, self._frames(), rounding_mode="floor")

    @staticmethod
    def _degree(root: Tensor, sounding: Tensor) -> Tensor:
        """The melody above a root; NONE where one of them is not there."""
        there = (root < NONE) & (sounding > 0)
        return torch.where(there, (sounding + 7 - root) % OCTAVE, NONE)

    def _echoes(self) -> list[Tensor]:
        return [part.squeeze(-1) for part in self.echo.split(1, dim=-1)]

    def _melodies(self) -> list[Tensor]:
        """What the melody did, struck pitches as intervals from the last one."""
        found = []
        for token in self._echoes()[: len(LAGS)]:
            struck = interval(token, self.last)
            other = torch.where(token == GOES_ON, INTERVALS, INTERVALS + 1)
            other = torch.where(token == UNHEARD, INTERVALS + 2, other)
            found.append(torch.where(token >= STRUCK, struck, other))
        return found

    def _roots(self) -> list[Tensor]:
        """Roots of chords bars ago, from that of the chord before."""
        roots = [root_of(chord) for chord in self._echoes()[len(LAGS) :]]
        return [torch.where(r < NONE, (r - self.reference) % OCTAVE, r) for r in roots]

    def _qualities(self) -> list[Tensor]:
        return [quality_of(chord) for chord in self._echoes()[len(LAGS) :]]


def frames_in_bar(metre: Tensor) -> Tensor:
    """[...] by the index into BARS."""
    found = torch.zeros_like(metre)
    for i, frames in enumerate(BARS.values()):
        found = torch.where(metre == i, frames, found)
    return found


def root_of(chord: Tensor) -> Tensor:
    """[...] pitch class; NONE, or BEGIN for START and what was not yet."""
    root = torch.where(chord > 0, (chord - 1) % OCTAVE, NONE)
    return torch.where((chord < 0) | (chord >= CLASSES), BEGIN, root)


def quality_of(chord: Tensor) -> Tensor:
    """[...] number of the quality; NONE for no chord, BEGIN as for roots."""
    quality = torch.where(chord > 0, torch.div(chord - 1, OCTAVE, rounding_mode="floor"), NONE)
    return torch.where((chord < 0) | (chord >= CLASSES), BEGIN, quality)


def interval(pitch: Tensor, before: Tensor) -> Tensor:
    """[...] of classes that were struck; the last one where there is none."""
    there = (pitch >= STRUCK) & (before >= STRUCK)
    return torch.where(there, torch.clamp(pitch - before, -FAR, FAR) + FAR, INTERVALS - 1)


@dataclass(frozen=True, slots=True)
class Past:
    """What is kept from frame to frame to know all that: a state of the step, for K candidates."""

    lately: Tensor
    """[K, 5] sounding, age, last, earlier, stay, up to the frame before the last one."""
    chord: Tensor
    """[K] of the frame before the last one."""
    history: Tensor
    """[K, 2 REACHED] melody, then chords: the latest frame first."""

    def after(self, token: Tensor, chord: Tensor) -> Past:
        """With one frame more."""
        sounding, age, last, earlier, stay = self.lately.unbind(-1)
        struck, said = token >= STRUCK, token != GOES_ON
        lately = [
            torch.where(struck, token, torch.where(token == ENDS, 0, sounding)),
            torch.where(said, 1, torch.clamp(age + 1, max=LONGEST)),
            torch.where(struck, token, last),
            torch.where(struck, last, earlier),
            torch.where(chord == self.chord, torch.clamp(stay + 1, max=LONGEST), 1),
        ]
        melody, chords = self.history.split(REACHED, dim=-1)
        history = [token[:, None], melody[:, :-1], chord[:, None], chords[:, :-1]]
        return Past(torch.stack(lately, -1), chord, torch.cat(history, -1))

    def echo(self, metre: Tensor, position: Tensor) -> Tensor:
        """[K, 2 len(LAGS)] as in `Known`."""
        lags = [lag * frames_in_bar(metre) for lag in LAGS]
        at = torch.stack([*[lag - 1 for lag in lags], *[lag - 1 + REACHED for lag in lags]], -1)
        heard = torch.stack([position >= lag for lag in lags] * 2, -1)
        return torch.where(heard, torch.gather(self.history, -1, at), UNHEARD)


def known(frames: Tensor, metre: int) -> Known:
    """Before each frame of a tune [T, 2]; all [T, ...]."""
    count = len(frames)
    melody, chords = frames.unbind(-1)
    at = torch.arange(count)
    begin = torch.tensor([LINE, CLASSES])
    token, chord = torch.cat([begin[None], frames[:-1]])[:count].unbind(-1)
    said = _latest(melody != GOES_ON, at)
    struck = _latest(melody >= STRUCK, at)
    padded = torch.cat([torch.zeros(1, dtype=torch.int64), melody])
    heard = torch.where(padded >= STRUCK, padded, 0)
    age = torch.where(said > 0, at - said + 1, at)
    strikes = torch.cat([torch.zeros(1, dtype=torch.int64), _latest(melody >= STRUCK, at, 1)])
    new = torch.ones(count, dtype=torch.bool)
    new[1:] = chords[1:] != chords[:-1]
    stay = torch.where(at > 0, at - _latest(new, at) + 1, 0)
    bar = list(BARS.values())[metre]
    echo = [_late(part, lag * bar) for part in (melody, chords) for lag in LAGS]
    return Known(
        token, chord, heard[said], torch.clamp(age, max=LONGEST), heard[struck],
        heard[strikes[struck]], torch.clamp(stay, max=LONGEST), torch.stack(echo, -1),
        torch.full_like(at, metre), at,
    )  # fmt: skip


def _latest(there: Tensor, at: Tensor, back: int = 1) -> Tensor:
    """[T] one past the latest frame before each in which something is there; 0: none was."""
    marks = torch.where(there, at + 1, 0)
    latest = torch.cummax(marks, 0).values
    return torch.cat([torch.zeros(back, dtype=torch.int64), latest])[: len(at)]


def _late(part: Tensor, frames: int) -> Tensor:
    """[T] so many frames later."""
    return torch.cat([torch.full((frames,), UNHEARD), part])[: len(part)]


def stacked(parts: Sequence[Known]) -> Known:
    """Rows of the same length side by side: [T, B, ...]."""
    names = Known.__slots__
    return Known(*(torch.stack([getattr(p, name) for p in parts], 1) for name in names))
