"""Harmony: the chords of any melody, in any key and meter.

Heads say whether the chord changes, and its root relative to the tonic and its quality. The tonic
is estimated from the melody, so that all keys are one. Chords begin with a beat; in the style
`slow`, with a bar: that is a rule, not learned. A chord is struck where it changes and at bar
lines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from stream.compose.companions.harmonic import chords as chord_frames
from stream.compose.companions.harmonic.context import SLOW, WIDTH, Grid, context_in, grid_of
from stream.compose.companions.harmonic.rules import consensus_rules, rules_of
from stream.compose.companions.harmonic.tonic import Key, key_of
from stream.compose.companions.kind import FRAME, Floats
from stream.compose.companions.score import Notes, Score
from stream.compose.filter.selection import Rules, combined
from stream.compose.polyphony import voicing
from stream.compose.polyphony.frames import Ints, in_order
from stream.music.note import Note
from stream.music.part import COMPANION_PARTS, HARMONY

VELOCITY: Final = 62
SWING: Final = 16
"""Velocities from no energy to full."""
ACCENT: Final = 4
"""Velocities added at bar lines."""
SPREAD: Final = 2
"""Velocities by which notes differ at random, up and down."""


@dataclass(frozen=True, slots=True)
class Harmony:
    """The kind of companion that composes chords."""

    @property
    def heads(self) -> tuple[int, ...]:
        """Classes of the heads: change, root and quality."""
        return chord_frames.HEADS

    @property
    def roles(self) -> tuple[str, ...]:
        """Its one role."""
        return (HARMONY,)

    @property
    def context_width(self) -> int:
        """Width C of the context."""
        return WIDTH

    def context(self, score: Score, first: int, count: int) -> Floats:
        """Return what it hears [count, C], relative to the tonic of the tune so far."""
        return context_in(score, first, count, key_of(score))

    def encode(self, score: Score, first: int, count: int) -> Ints:
        """Return the frames [count, 3] of the chords that sound in the score."""
        return encoded(score, first, count, key_of(score))

    def decode(self, frames: Ints, score: Score, rng: np.random.Generator) -> Mapping[str, Notes]:
        """Return the chords of frames that end with the phrase, in close position."""
        chords, first, grid = self._composed(frames, score)
        lines = grid.lines(first, len(chords))
        before = chord_frames.last_pitches(score.notes(HARMONY))
        notes = []
        for begin, end, pitches in chord_frames.struck(chords, lines, before):
            loud = _velocity(score, accent=begin in lines)
            spread = rng.integers(-SPREAD, SPREAD + 1, len(pitches)).tolist()
            placed = chord_frames.fitted(pitches, score.low, score.high)
            notes += [
                Note(
                    first + begin * FRAME, (end - begin) * FRAME, pitch, loud + more,
                    COMPANION_PARTS[HARMONY],
                )
                for pitch, more in zip(placed, spread, strict=False)
            ]  # fmt: skip
        return {HARMONY: in_order(notes)}

    def rules(self, candidates: Sequence[Ints], score: Score) -> list[Rules]:
        """Return the rules of each candidate [T, 3]."""
        composed = [self._composed(frames, score) for frames in candidates]
        common = consensus_rules([chords for chords, _, _ in composed])
        own = [rules_of(chords, first, score) for chords, first, _ in composed]
        return combined(own, common)

    def _composed(self, frames: Ints, score: Score) -> tuple[Ints, int, Grid]:
        """Return the chords that frames sound as, the tick of the first one, and their grid."""
        first = score.length - len(frames) * FRAME
        grid = grid_of(score, min(first, 0))
        length = grid.bar if score.style == SLOW else grid.beat
        chords = chord_frames.chords_of(frames, key_of(score))
        at = (first - grid.first) // FRAME
        before = voicing.named(chord_frames.last_pitches(score.notes(HARMONY)))
        return chord_frames.steadied(chords, grid, (at, length), before), first, grid


def encoded(score: Score, first: int, count: int, key: Key) -> Ints:
    """Return the frames [count, 3] of the chords that sound in a score, in a key."""
    grid = grid_of(score, first)
    chords = chord_frames.read(score.notes(HARMONY), first - FRAME, count + 1)
    at = (first - grid.first) // FRAME
    return chord_frames.tokens(chord_frames.by_beat(chords[1:], grid, at), int(chords[0]), key)


def _velocity(score: Score, *, accent: bool) -> int:
    return round(VELOCITY + SWING * (score.energy - 0.5)) + (ACCENT if accent else 0)


KIND: Final = Harmony()
"""The kind as the runtime loads it."""
