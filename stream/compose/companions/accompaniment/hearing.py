"""The context of bass and comping: meter, chords, the lead, another part, the whole phrase.

All pitches are heard as semitones above the root of the current chord, so the same music is heard
in every key. Conventions: n frames, of which the first begins at tick `first`; an onset counts for
the frame that begins nearest to it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from stream.compose.companions.accompaniment.chord_spans import Span, chord_spans
from stream.compose.companions.kind import FRAME, Floats
from stream.compose.companions.score import Notes, Score
from stream.compose.polyphony.frames import Flags, Ints
from stream.compose.polyphony.voicing import QUALITIES
from stream.music.part import HARMONY, LEAD
from stream.music.scale import OCTAVE

SILENT: Final = -1
"""Pitch where no note sounds."""
IN_BEAT: Final = 6
"""Most frames of a beat that are told apart."""
BEATS: Final = 6
"""Most beats of a bar that are told apart."""
BARS: Final = 4
"""Most bars before the end of a phrase that are told apart."""
KINDS: Final = len(QUALITIES) + 1
UNTIL: Final = (1, 2, 3, 4, 6, 8, 12, 16)
"""Frames until a change, as upper bounds of classes; a last class is beyond them."""
SINCE: Final = (0, 1, 3, 7, 15)
"""Frames since a change, likewise."""
METER_WIDTH: Final = IN_BEAT + BEATS + 1 + 4 + BARS + 1
CHORDS_WIDTH: Final = 2 * KINDS + 3 * OCTAVE + len(UNTIL) + 1 + len(SINCE) + 1
LINE_WIDTH: Final = 2 + OCTAVE + len(UNTIL) + 1 + len(SINCE) + 1 + 3
"""Width of what is heard of another part."""
WHOLE_WIDTH: Final = 3


def frame_of(tick: int, first: int) -> int:
    """Return the number of the frame that begins nearest to a tick."""
    return (tick - first + FRAME // 2) // FRAME


def onsets(notes: Notes, first: int, count: int) -> Ints:
    """Return how many notes begin in each frame [n]."""
    at = np.array([frame_of(note.onset, first) for note in notes], np.int64)
    return np.bincount(at[(at >= 0) & (at < count)], minlength=count)


def line_of(notes: Notes, first: int, count: int, choose: Callable[[int, int], int] = max) -> Ints:
    """Return the highest (or lowest) pitch that sounds in each frame [n]; SILENT without one."""
    line = np.full(count, SILENT, np.int64)
    for note in notes:
        begin = max(frame_of(note.onset, first), 0)
        end = min(max(frame_of(note.end, first), frame_of(note.onset, first) + 1), count)
        for i in range(begin, end):
            line[i] = note.pitch if line[i] == SILENT else choose(int(line[i]), note.pitch)
    return line


def meter(score: Score, first: int, count: int) -> Floats:
    """Return the place in beat, bar and phrase, and the kind of meter [n, METER_WIDTH]."""
    tick = first + FRAME * np.arange(count)
    place = (tick - score.length) % score.bar
    left = np.clip((score.length - tick - 1) // score.bar, 0, BARS - 1)
    pulse = score.bar // score.beat
    number = pulse - 2 if 2 <= pulse <= 4 else 3
    return np.concatenate(
        [
            one_hot(np.minimum(place % score.beat // FRAME, IN_BEAT - 1), IN_BEAT),
            one_hot(np.minimum(place // score.beat, BEATS - 1), BEATS),
            np.full((count, 1), score.beat % 36 == 0, np.float32),
            one_hot(np.full(count, number), 4),
            one_hot(left, BARS),
            ((left == 0) & score.closing)[:, None].astype(np.float32),
        ],
        axis=1,
    )


def chords(score: Score, first: int, count: int) -> tuple[Floats, Ints]:
    """Return what is heard of the chords [n, CHORDS_WIDTH], and the root of each frame [n].

    Where no chord sounds the root is that of the last one, or 0.
    """
    spans = chord_spans(score, min(first, 0))
    sounding, following = _numbers(spans, first, count)
    classes = np.array([span.chord for span in spans] or [0])
    roots = np.array([span.root for span in spans] or [0])
    silent = sounding < 0
    number, after = np.maximum(sounding, 0), np.minimum(following, len(classes) - 1)
    before = np.maximum(following - 2, 0)
    last = (following >= len(spans)) | (len(spans) == 0)
    root = roots[np.maximum(following - 1, 0)]
    tick = first + FRAME * np.arange(count)
    begins = np.array([span.begin for span in spans] or [0])
    until = np.where(last, 99, np.maximum(begins[after] - tick + FRAME // 2, 0) // FRAME)
    since = np.maximum(tick - begins[number] + FRAME // 2, 0) // FRAME
    heard = [
        one_hot(np.where(silent, 0, 1 + (classes[number] - 1) // OCTAVE), KINDS),
        one_hot(np.where(last, 0, 1 + (classes[after] - 1) // OCTAVE), KINDS),
        one_hot((roots[after] - root) % OCTAVE, OCTAVE) * ~last[:, None],
        one_hot((root - roots[before]) % OCTAVE, OCTAVE) * (following > 1)[:, None],
        one_hot(np.searchsorted(UNTIL, until), len(UNTIL) + 1),
        one_hot(np.searchsorted(SINCE, np.where(silent, 99, since)), len(SINCE) + 1),
        _scale(score, root),
    ]
    return np.concatenate(heard, axis=1, dtype=np.float32), root


def line(notes: Notes, root: Ints, first: int, bar: int, middle: float) -> Floats:
    """Return what is heard of another part, its highest notes [n, LINE_WIDTH].

    `root` is that of each frame [n], `bar` the ticks of a bar, `middle` a pitch that register is
    measured from.
    """
    count = len(root)
    struck, pitch = onsets(notes, first, count), line_of(notes, first, count)
    sounds = pitch != SILENT
    index = np.arange(count)
    at = np.flatnonzero(struck)
    later = np.append(at, count + 99)[np.searchsorted(at, index, side="right")] - index
    earlier = index - np.append(-99, at)[np.searchsorted(at, index, side="right")]
    total = np.append(0, np.cumsum(struck > 0))
    wide = bar // FRAME
    bar_end, bar_begin = np.minimum(index + wide, count), np.maximum(index - wide, 0)
    heard = [
        (struck > 0)[:, None],
        sounds[:, None],
        one_hot((pitch - root) % OCTAVE, OCTAVE) * sounds[:, None],
        one_hot(np.searchsorted(UNTIL, later), len(UNTIL) + 1),
        one_hot(np.searchsorted(SINCE, earlier), len(SINCE) + 1),
        ((total[bar_end] - total[index]) / wide)[:, None],
        ((total[index] - total[bar_begin]) / wide)[:, None],
        np.where(sounds, (pitch - middle) / 24, 0.0)[:, None],
    ]
    return np.concatenate(heard, axis=1, dtype=np.float32)


def whole(score: Score, count: int) -> Floats:
    """Return energy, tempo, and whether there is a lead, in each frame [n, WHOLE_WIDTH]."""
    lead = any(note.end > 0 for note in score.notes(LEAD))
    facts = (2 * score.energy - 1, math.log2(max(score.bpm, 1.0) / 120), float(lead))
    return np.tile(np.array(facts, np.float32), (count, 1))


def one_hot(index: Ints, classes: int) -> Floats:
    """Return one-hot rows [n, classes]."""
    return np.eye(classes, dtype=np.float32)[index]


def _numbers(spans: Sequence[Span], first: int, count: int) -> tuple[Ints, Ints]:
    """Return in each frame the number of the chord, or -1, and that of the next one."""
    tick = first + FRAME * np.arange(count) + FRAME // 2 - 1
    begins, ends = np.array([s.begin for s in spans]), np.array([s.end for s in spans])
    following = np.searchsorted(begins, tick, side="right")
    number = following - 1
    silent: Flags = number < 0
    if len(spans):
        silent |= ends[np.maximum(number, 0)] <= tick
    return np.where(silent, -1, number), following


def _scale(score: Score, root: Ints) -> Floats:
    """Return the share of each pitch class above the root in the phrase's time [n, 12]."""
    shares = np.zeros(OCTAVE, np.float32)
    for note in (*score.notes(LEAD), *score.notes(HARMONY)):
        if note.end > 0:
            shares[note.pitch % OCTAVE] += note.duration
    shares = np.sqrt(shares / max(float(shares.max()), 1.0))
    rows: Floats = shares[(root[:, None] + np.arange(OCTAVE)) % OCTAVE]
    return rows
