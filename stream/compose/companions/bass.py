"""The bass: a line of single notes, told as semitones above the root of the chord.

A frame is what the line does (rest, hold or strike), the degree that it strikes, and the octave:
the nearest one to the note before, or one above or below it. So the line is the same in every key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from stream.compose.companions.accompaniment import hearing
from stream.compose.companions.accompaniment.bass_rules import bass_rules
from stream.compose.companions.accompaniment.chord_spans import chord_spans
from stream.compose.companions.kind import FRAME, Floats
from stream.compose.companions.score import Notes, Score
from stream.compose.filter.selection import Rules
from stream.compose.polyphony.frames import Ints
from stream.music.note import Note
from stream.music.part import BASS, COMPANION_PARTS, LEAD
from stream.music.scale import OCTAVE

REST, HOLD, STRIKE = 0, 1, 2
NEAREST, ABOVE, BELOW = 0, 1, 2
FIFTH: Final = 7
SOFT: Final = 66
"""Velocity at no energy."""
RISE: Final = 34
"""Velocity added at full energy."""
DOWNBEAT, WEAK, SPREAD = 7, -7, 4
"""Velocity added on a bar line and off the beat, and the largest random change."""


class BassKind:
    """The frames of a bass line; see the module."""

    heads = (3, OCTAVE, 3)
    roles = (BASS,)
    context_width = (
        hearing.METER_WIDTH + hearing.CHORDS_WIDTH + hearing.LINE_WIDTH + hearing.WHOLE_WIDTH
    )

    def context(self, score: Score, first: int, count: int) -> Floats:
        """Return meter, chords, the lead and the phrase as a whole [count, C]."""
        chords, root = hearing.chords(score, first, count)
        lead = hearing.line(score.notes(LEAD), root, first, score.bar, 66)
        whole = hearing.whole(score, count)
        return np.concatenate([hearing.meter(score, first, count), chords, lead, whole], axis=1)

    def encode(self, score: Score, first: int, count: int) -> Ints:
        """Return the frames of the bass [count, 3]; of notes that begin together the lowest."""
        _, root = hearing.chords(score, first, count)
        frames = np.zeros((count, 3), np.int64)
        last = _reference(score, first)
        for note in _line(score.notes(BASS), first):
            begin, end = hearing.frame_of(note.onset, first), hearing.frame_of(note.end, first)
            if not 0 <= begin < count:
                continue
            degree = (note.pitch - int(root[begin])) % OCTAVE
            near = _nearest(note.pitch % OCTAVE, last)
            octave = NEAREST if note.pitch == near else ABOVE if note.pitch > near else BELOW
            frames[begin:, :] = 0
            frames[begin] = STRIKE, degree, octave
            frames[begin + 1 : max(end, begin + 1), 0] = HOLD
            last = note.pitch
        return frames

    def decode(self, frames: Ints, score: Score, rng: np.random.Generator) -> Mapping[str, Notes]:
        """Return the line, each note within the range of the instrument; none without chords."""
        if not chord_spans(score):
            return {BASS: ()}
        first = score.length - FRAME * len(frames)
        _, root = hearing.chords(score, first, len(frames))
        line = pitches_of(frames, root, score)
        struck = np.flatnonzero(frames[:, 0] == STRIKE)
        rests = np.append(np.flatnonzero(frames[:, 0] == REST), len(frames))
        ends = [
            min(int(rests[np.searchsorted(rests, at)]), int(following))
            for at, following in zip(struck, [*struck[1:], len(frames)], strict=False)
        ]
        channel = COMPANION_PARTS[BASS]
        return {
            BASS: tuple(
                Note(
                    first + FRAME * int(at),
                    FRAME * (end - int(at)),
                    int(line[at]),
                    _velocity(first + FRAME * int(at), score, rng),
                    channel,
                )
                for at, end in zip(struck, ends, strict=True)
            )
        }

    def rules(self, candidates: Sequence[Ints], score: Score) -> list[Rules]:
        """Return the rules of each candidate; see `bass_rules`."""
        if not candidates:
            return []
        first = score.length - FRAME * len(candidates[0])
        _, root = hearing.chords(score, first, len(candidates[0]))
        return [
            bass_rules(run[:, 0] == STRIKE, run[:, 0] == REST, pitches_of(run, root, score), score)
            for run in candidates
        ]


def pitches_of(frames: Ints, root: Ints, score: Score) -> Ints:
    """Return the pitch that each frame strikes [T]; SILENT in the others."""
    last, found = _reference(score, 0), np.full(len(frames), hearing.SILENT, np.int64)
    for at in np.flatnonzero(frames[:, 0] == STRIKE):
        _, degree, octave = frames[at].tolist()
        pitch = _nearest((int(root[at]) + degree) % OCTAVE, last)
        pitch += {NEAREST: 0, ABOVE: OCTAVE, BELOW: -OCTAVE}[octave]
        found[at] = last = folded(pitch, score.low, score.high)
    return found


def folded(pitch: int, low: int, high: int) -> int:
    """Return the pitch moved by octaves into the range; the nearest bound if none fits."""
    if pitch < low:
        pitch += -((pitch - low) // OCTAVE) * OCTAVE
    elif pitch > high:
        pitch -= -((high - pitch) // OCTAVE) * OCTAVE
    return min(max(pitch, low), high)


def _nearest(pitch_class: int, last: int) -> int:
    """Return the pitch of a class that is at most a fifth above `last`, or a fourth below it."""
    return last + FIFTH - (last + FIFTH - pitch_class) % OCTAVE


def _reference(score: Score, first: int) -> int:
    """Return the last pitch of the bass before a tick, or else one low in the range."""
    past = [note.pitch for note in score.notes(BASS) if note.onset < first]
    return past[-1] if past else score.low + (score.high - score.low) // 3


def _line(notes: Notes, first: int) -> Sequence[Note]:
    """Return the notes in order, the lowest of those that begin in the same frame."""
    lowest: dict[int, Note] = {}
    for note in sorted(notes, key=lambda note: (note.onset, note.pitch)):
        lowest.setdefault(hearing.frame_of(note.onset, first), note)
    return list(lowest.values())


def _velocity(onset: int, score: Score, rng: np.random.Generator) -> int:
    place = (onset - score.length) % score.bar
    accent = DOWNBEAT if place == 0 else 0 if place % score.beat == 0 else WEAK
    return round(SOFT + RISE * score.energy) + accent + int(rng.integers(-SPREAD, SPREAD + 1))


KIND: Final = BassKind()
