"""Comping: the rhythm and the voicing of chords, told as steps on the ladder of the chord's tones.

A frame is what the part does (rest, hold, strike anew, or add to what rings), the number of notes
struck, which chord tone is the lowest, in which octave of the range, and how far the others lie
above it. All notes are tones of the chord at that time, by construction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from stream.compose.companions.accompaniment import hearing
from stream.compose.companions.accompaniment.chord_ladder import MOST
from stream.compose.companions.accompaniment.chord_spans import Span, at, chord_spans
from stream.compose.companions.accompaniment.comping_notes import held, notes_of
from stream.compose.companions.accompaniment.comping_rules import comping_rules
from stream.compose.companions.accompaniment.comping_tokens import (
    ADD,
    GAPS,
    HOLD,
    OCTAVES,
    REST,
    STRIKE,
    TONES,
    tokens_of,
)
from stream.compose.companions.kind import FRAME, Floats
from stream.compose.companions.score import Notes, Score
from stream.compose.filter.selection import Rules
from stream.compose.polyphony.frames import Ints
from stream.music.note import Note
from stream.music.part import BASS, COMPING, LEAD
from stream.music.scale import OCTAVE


class CompingKind:
    """The frames of comping; see the module."""

    heads = (4, MOST, TONES, OCTAVES, len(GAPS))
    roles = (COMPING,)
    context_width = (
        hearing.METER_WIDTH
        + hearing.CHORDS_WIDTH
        + 2 * hearing.LINE_WIDTH
        + hearing.WHOLE_WIDTH
        + OCTAVE
        + 1
    )

    def context(self, score: Score, first: int, count: int) -> Floats:
        """Return meter, chords, lead, bass, the whole phrase, and the range [count, C]."""
        chords, root = hearing.chords(score, first, count)
        lead = hearing.line(score.notes(LEAD), root, first, score.bar, 66)
        bass = hearing.line(score.notes(BASS), root, first, score.bar, 43)
        place = hearing.one_hot((root - score.low) % OCTAVE, OCTAVE)
        span = np.full((count, 1), (score.high - score.low) / 48, np.float32)
        heard = [hearing.meter(score, first, count), chords, lead, bass]
        return np.concatenate([*heard, hearing.whole(score, count), place, span], axis=1)

    def encode(self, score: Score, first: int, count: int) -> Ints:
        """Return the frames of the comping [count, 5]; other tones become the nearest chord tone.

        Notes that begin while no chord sounds are left out.
        """
        frames = np.zeros((count, len(self.heads)), np.int64)
        notes = score.notes(COMPING)
        spans = chord_spans(score, min(first, 0))
        frames[hearing.line_of(notes, first, count) != hearing.SILENT, 0] = HOLD
        struck: dict[int, list[Note]] = {}
        for note in notes:
            struck.setdefault(hearing.frame_of(note.onset, first), []).append(note)
        for begin, group in struck.items():
            span = _span(spans, first + FRAME * begin)
            if 0 <= begin < count and span is not None:
                tick = first + FRAME * (begin + 1)
                rings = any(n.onset < group[0].onset and n.end > tick for n in notes)
                pitches = sorted({note.pitch for note in group})
                frames[begin] = ADD if rings else STRIKE, *tokens_of(pitches, span, score)
        return frames

    def decode(self, frames: Ints, score: Score, rng: np.random.Generator) -> Mapping[str, Notes]:
        """Return the notes. Tones a semitone from a lead note held a beat are left out."""
        return {COMPING: notes_of(frames, score, rng)}

    def rules(self, candidates: Sequence[Ints], score: Score) -> list[Rules]:
        """Return the rules of each candidate; see `comping_rules`."""
        lead = held(score.notes(LEAD), score.beat)
        found = []
        for run in candidates:
            notes = notes_of(run, score, np.random.default_rng(0))
            struck, silent = (run[:, 0] == STRIKE) | (run[:, 0] == ADD), run[:, 0] == REST
            found.append(comping_rules(struck, silent, notes, lead, score))
        return found


def _span(spans: Sequence[Span], tick: int) -> Span | None:
    """Return the chord of a frame, by its middle."""
    return at(spans, tick + FRAME // 2 - 1)


KIND: Final = CompingKind()
