"""The rules of harmony: how well chords fit the lead, how often they change, where they end.

The bounds are percentiles of phrases of four bars of the songs that training reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stream.compose.companions.harmonic.context import SLOW, grid_of, heard, style_of
from stream.compose.companions.harmonic.tonic import Key, key_of
from stream.compose.companions.kind import FRAME, Floats
from stream.compose.companions.score import Score
from stream.compose.filter.selection import Rules
from stream.compose.polyphony.frames import Ints
from stream.compose.polyphony.lead_features import NOTES
from stream.compose.polyphony.voicing import NO_CHORD
from stream.music.note import TICKS_PER_BEAT
from stream.music.part import LEAD
from stream.music.scale import MAJOR, OCTAVE, STEPS
from stream.music.verdict import Rule

STRONG: Final = "strong"
OTHER_BEATS: Final = "other beats"
OFF_BEATS: Final = "off beats"
STRENGTHS: Final = (STRONG, OTHER_BEATS, OFF_BEATS)
"""The metrical strengths of frames: first beats and the middle of a bar of four beats; all other
beats; and what is between the beats."""
FOUR: Final = 4
OPENINGS: Final = (0, 5, 7)
"""Semitones from the tonic to the roots with which a tune begins."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounds of a style: 10th and 90th percentiles of phrases of four bars of real songs."""

    chord_tones: float
    """Least share of the melody's time at strong beats that is in the chord."""
    changes: tuple[float, float]
    """Changes of chord in a bar."""
    chromatic: float
    """Largest share of the time that a chord has a tone outside the key."""


USUAL: Final = Bounds(0.6, (0.25, 2.0), 0.4)
BOUNDS: Final[Mapping[str, Bounds]] = {
    "folk": Bounds(0.71, (0.0, 1.25), 0.25),
    "hymn": Bounds(0.9, (0.75, 3.25), 0.25),
    "jazz": Bounds(0.2, (0.0, 1.5), 1.0),
    "song": Bounds(0.62, (0.0, 1.5), 0.5),
}


@dataclass(frozen=True, slots=True)
class Fit:
    """Chords of a phrase beside its lead."""

    chords: Ints
    """Class of each frame [T]."""
    time: Floats
    """Share of each frame in which each pitch class of the lead sounds [T, 12]."""
    place: Ints
    """Place of each frame in its bar [T]."""
    beat: int
    """Frames in a beat."""
    bar: int
    """Frames in a bar."""

    def strength(self) -> Mapping[str, NDArray[np.bool_]]:
        """Return the frames of each metrical strength [T]."""
        beat, beats = self.place // self.beat, self.bar // self.beat
        middle = beat == beats // 2 if beats % FOUR == 0 else np.zeros(len(beat), bool)
        strong = (beat == 0) | middle
        on = self.place % self.beat == 0
        return dict(zip(STRENGTHS, (strong & on, ~strong & on, ~on), strict=True))

    def chord_tones(self, frames: NDArray[np.bool_]) -> float:
        """Return the share of the lead's time in these frames that is in the chord; 1 in rests."""
        chosen = frames & (self.chords != NO_CHORD)
        time = self.time[chosen]
        total = float(time.sum())
        return float((time * NOTES[self.chords[chosen]]).sum()) / total if total else 1.0

    def changes(self) -> float:
        """Return how many chords begin in a bar, the first one left out."""
        return float((np.diff(self.chords) != 0).sum()) * self.bar / max(len(self.chords), 1)

    def chromatic(self, key: Key) -> float:
        """Return the share of time in which a chord has a tone outside the key."""
        outside = ~np.isin(np.arange(OCTAVE), scale_of(key))
        tones = NOTES[self.chords[self.chords != NO_CHORD]]
        return float((tones & outside).any(1).mean()) if len(tones) else 0.0


def scale_of(key: Key) -> list[int]:
    """Return the pitch classes of a key; in minor with both sixths and both sevenths."""
    steps = {*STEPS["minor"], 9, 11} if key.minor else MAJOR
    return [(key.tonic + step) % OCTAVE for step in steps]


def fit_of(chords: Ints, first: int, score: Score) -> Fit:
    """Return the chords beside the lead of a score; the first frame is at tick `first`."""
    grid = grid_of(score, min(first, 0))
    at = (first - grid.first) // FRAME
    frames = at + np.arange(len(chords))
    time = heard(score, grid, Key(0))[at : at + len(chords)]
    return Fit(chords, time, grid.to_bar(frames), grid.beat, grid.bar)


def clashes(fit: Fit, first: int, score: Score) -> int:
    """Return how many notes of the lead are a minor ninth above a chord tone for a beat."""
    found = 0
    for note in score.notes(LEAD):
        begin, end = max(note.onset, first), min(note.end, score.length)
        if end - begin < TICKS_PER_BEAT:
            continue
        frames = fit.chords[(begin - first) // FRAME : -(-(end - first) // FRAME)]
        tones = NOTES[frames]
        clash = tones[:, (note.pitch - 1) % OCTAVE] & ~tones[:, note.pitch % OCTAVE]
        found += bool(clash.sum() * FRAME >= TICKS_PER_BEAT)
    return found


def rules_of(chords: Ints, first: int, score: Score) -> Rules:
    """Return the rules of the chords of a phrase; the first frame is at tick `first`."""
    if not (chords != NO_CHORD).any():
        return (Rule("silence", score.length / max(score.bar, 1), 0.0, 0.0),)
    fit, key = fit_of(chords, first, score), key_of(score)
    bounds = BOUNDS.get(style_of(score), USUAL)
    most = 1.0 if score.style == SLOW else bounds.changes[1]
    least = 0.0 if score.style == SLOW else bounds.changes[0]
    strong = fit.strength()[STRONG]
    rules = [
        Rule("chord_tones", round(fit.chord_tones(strong), 3), bounds.chord_tones, 1.0),
        Rule("chord_changes", round(fit.changes(), 3), least, most),
        Rule("chromatic", round(fit.chromatic(key), 3), 0.0, bounds.chromatic),
        Rule("clashes", float(clashes(fit, first, score)), 0.0, 0.0),
    ]
    if score.past == 0:
        opens = chords[chords != NO_CHORD][0]
        rules.append(Rule("opening", float(_above(opens, key) in OPENINGS), 1.0, 1.0))
    if score.closing:
        rules.append(Rule("ends_on_tonic", float(_above(chords[-1], key) == 0), 1.0, 1.0))
    return tuple(rules)


def consensus_rules(candidates: Sequence[Ints]) -> list[Rules]:
    """Return one rule a candidate: the share of chords that it has in common with the others.

    The bound is the median, so that no candidate with unusual chords plays, as one that holds much
    in common with others is the better guess (minimum Bayes risk, Kumar & Byrne 2004).
    """
    chords = np.stack(candidates)
    alike = (
        [float((row == chords).mean()) for row in chords] if chords.size else [1.0] * len(chords)
    )
    least = round(float(np.median(alike)), 3)
    return [(Rule("consensus", round(share, 3), least - 0.001, 1.0),) for share in alike]


def _above(chord: int, key: Key) -> int:
    """Return the semitones from the tonic up to the root of a chord."""
    return int((chord - 1 - key.tonic) % OCTAVE)


def ends_on_tonic(chords: Ints, key: Key) -> bool:
    """Return whether the last chord is that of the tonic."""
    return bool(chords[-1] != NO_CHORD and _above(int(chords[-1]), key) == 0)
