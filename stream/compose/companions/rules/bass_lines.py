"""Bass lines by rule: the walking bass and the root bass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

import numpy as np

from stream.compose.companions.accompaniment.chord_spans import (
    Span,
    at,
    bar_lines,
    beats,
    chord_spans,
)
from stream.compose.companions.rules.bass_path import Slot, path
from stream.compose.companions.score import Notes, Score
from stream.ensembles.ensemble import CALM, LIVELY
from stream.music.note import Note
from stream.music.part import BASS, COMPANION_PARTS

SOFT: Final = 72
"""Velocity at no energy."""
RISE: Final = 24
"""Velocity added at full energy."""
BACKBEAT: Final = 5
DOWNBEAT: Final = 6
SPREAD: Final = 3
"""Largest random change of a velocity."""
GAP: Final = 4
"""Ticks of silence after a walked note, so that a repeated one is heard."""
SKIP: Final = 0.15
"""Share of the beats that a lively walking bass divides."""


class WalkingBass:
    """A note on each beat: roots where chords begin, tones and steps between them.

    The note before a new chord approaches its root by a semitone, a step or a fifth. Below the
    energy `CALM` it walks in two: on the first beat of each bar and, in bars of four beats, on the
    third. The last bar of a tune is a held root.
    """

    roles = (BASS,)

    def compose(self, score: Score, rng: np.random.Generator) -> Mapping[str, Notes]:
        """Return the line. Without a chord it rests."""
        slots = [*_slots(score, _onsets(score))]
        notes = _line(score, slots, rng)
        if score.energy > LIVELY:
            notes = tuple(part for note in notes for part in _skipped(note, score, rng))
        return {BASS: notes}


class RootBass:
    """The root of each chord, held until the next one, in the octave nearest to the last note.

    From the energy `CALM` on it is struck again at bar lines.
    """

    roles = (BASS,)

    def compose(self, score: Score, rng: np.random.Generator) -> Mapping[str, Notes]:
        """Return the line. Without a chord it rests."""
        lines = set(bar_lines(score)) if score.energy >= CALM else set()
        onsets = lines | {span.begin for span in chord_spans(score)}
        slots = [replace(slot, opens=True) for slot in _slots(score, sorted(onsets))]
        return {BASS: _line(score, slots, rng)}


def _onsets(score: Score) -> list[int]:
    """Return the ticks at which a walking bass strikes a note."""
    lines, pulse = bar_lines(score), score.bar // score.beat
    onsets = beats(score)
    if score.closing and lines:
        onsets = tuple(onset for onset in onsets if onset <= lines[-1])
    if score.energy >= CALM:
        return list(onsets)
    every = pulse // 2 if pulse % 2 == 0 and pulse > 2 else pulse
    calm = {line + k * score.beat for line in lines for k in range(0, pulse, every)}
    changes = {span.begin for span in chord_spans(score)}
    return [onset for onset in onsets if onset in calm or onset in changes]


def _slots(score: Score, onsets: Sequence[int]) -> Iterator[Slot]:
    """Yield the notes to be chosen at onsets in order; chords that begin later are waited for."""
    spans, lines = chord_spans(score), set(bar_lines(score))
    last: Span | None = None
    for onset, end in pairwise([*onsets, score.length]):
        span = at(spans, onset)
        if span is not None:
            stop = min(end, spans[-1].end) if span is spans[-1] else end
            yield Slot(onset, stop - onset, span, span is not last, onset in lines)
        last = span


def _line(score: Score, slots: Sequence[Slot], rng: np.random.Generator) -> Notes:
    past = [note for note in score.notes(BASS) if note.onset < 0]
    pitches = path(slots, score.low, score.high, past[-1].pitch if past else None, rng)
    channel = COMPANION_PARTS[BASS]
    return tuple(
        Note(s.onset, max(s.duration - GAP, 1), pitch, _velocity(s.onset, score, rng), channel)
        for s, pitch in zip(slots, pitches, strict=False)
    )


def _velocity(onset: int, score: Score, rng: np.random.Generator) -> int:
    """Return the velocity: downbeats are louder, in bars of four beats the backbeats as well."""
    place = (onset - score.length) % score.bar
    accent = DOWNBEAT if place == 0 else 0
    if score.bar == 4 * score.beat and place % (2 * score.beat) == score.beat:
        accent = BACKBEAT
    return round(SOFT + RISE * score.energy) + accent + int(rng.integers(-SPREAD, SPREAD + 1))


def _skipped(note: Note, score: Score, rng: np.random.Generator) -> Notes:
    """Return the note, or now and then two: a soft eighth follows it."""
    if rng.random() >= SKIP or note.duration + GAP != score.beat:
        return (note,)
    late = score.beat // 3 if score.beat % 36 == 0 else score.beat // 2
    ghost = replace(
        note,
        onset=note.onset + score.beat - late,
        duration=late - GAP,
        velocity=max(note.velocity - 14, 1),
    )
    return replace(note, duration=score.beat - late - GAP), ghost
