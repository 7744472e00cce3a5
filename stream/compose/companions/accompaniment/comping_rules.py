"""Rules for comping. Their bounds are set by hand, wide enough for real accompaniments."""

from __future__ import annotations

from typing import Final

from stream.compose.companions.accompaniment.bass_rules import (
    bar_likeness,
    longest,
    roots_on_downbeats,
)
from stream.compose.companions.accompaniment.comping_notes import clashes
from stream.compose.companions.accompaniment.hearing import line_of
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Notes, Score
from stream.compose.filter.selection import SILENT_BARS, Rules
from stream.compose.polyphony.frames import Flags
from stream.music.part import BASS
from stream.music.verdict import Rule

DENSITY: Final = ((0.1, 1.6), (0.2, 4.0))
"""Bounds for strokes a beat, at no energy and at full energy."""
CLASHES: Final = 0.0
"""Most notes a bar that are a semitone from a lead note for a beat."""
LIKENESS: Final = (0.3, 1.0)
"""Bounds for the likeness of rhythms of bars, of parts with `PATTERN` strokes a bar or more."""
PATTERN: Final = 3.0
ROOTS: Final = (0.5, 1.0)
"""Bounds for the share of bars at whose begin the lowest note is the root, without a bass."""
LEAP: Final = 12.0
"""Most semitones that the highest note of a chord moves on average."""


def comping_rules(struck: Flags, silent: Flags, notes: Notes, lead: Notes, score: Score) -> Rules:
    """Return the rules of one candidate: frames that strike, frames of rest [T], and its notes."""
    bars = max(score.length / score.bar, 1.0)
    found = [Rule("silence", round(longest(silent) * FRAME / score.bar, 3), 0.0, SILENT_BARS)]
    beats = max(len(struck) * FRAME / score.beat, 1.0)
    low, high = (a + (b - a) * score.energy for a, b in zip(*DENSITY, strict=True))
    density = float(struck.sum()) / beats
    found.append(Rule("strokes_per_beat", round(density, 3), round(low, 3), round(high, 3)))
    bad = sum(clashes(note, lead, score.beat) for note in notes)
    found.append(Rule("clashes", round(bad / bars, 3), 0.0, CLASHES))
    alike = bar_likeness(struck, score)
    if alike is not None and struck.sum() >= PATTERN * bars:
        found.append(Rule("rhythm_likeness", alike, *LIKENESS))
    if not any(note.end > 0 for note in score.notes(BASS)):
        first = score.length - FRAME * len(struck)
        lowest = line_of(notes, first, len(struck), min)
        if (share := roots_on_downbeats(lowest, score, first)) is not None:
            found.append(Rule("roots_on_downbeats", share, *ROOTS))
    tops: dict[int, int] = {}
    for note in notes:
        tops[note.onset] = max(note.pitch, tops.get(note.onset, 0))
    line = [tops[onset] for onset in sorted(tops)]
    if len(line) > 1:
        moves = [abs(b - a) for a, b in zip(line[1:], line[:-1], strict=True)]
        found.append(Rule("top_motion", round(sum(moves) / len(moves), 3), 0.0, LEAP))
    return tuple(found)
