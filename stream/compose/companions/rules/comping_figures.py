"""Comping by rule: block chords, broken chords, the guitarist's boom-chick, and the Charleston."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from stream.compose.companions.accompaniment.chord_ladder import Pitches, ladder, led, octave_near
from stream.compose.companions.accompaniment.chord_spans import (
    Span,
    at,
    bar_lines,
    beats,
    chord_spans,
)
from stream.compose.companions.score import Notes, Score
from stream.ensembles.ensemble import CALM, LIVELY
from stream.music.note import Note
from stream.music.part import BASS, COMPANION_PARTS, COMPING, LEAD

SOFT: Final = 58
"""Velocity at no energy."""
RISE: Final = 26
"""Velocity added at full energy."""
SPREAD: Final = 3
"""Largest random change of a velocity."""
EIGHTH: Final = 24
FIGURES: Final = ((0, 1, 2, 3), (0, 1, 2, 3, 2, 1), (0, 2, 1, 3, 1, 2), (0, 2, 1, 2))
"""Orders in which the notes of a broken chord follow each other."""
STABS: Final = ((0,), (0, 72), (24, 96), (72,), (0, 120), (72, 168), (24,), (96, 168))
"""Onsets in a bar of four quarters of the Charleston (0 and 72) and its displacements."""


class BlockChords:
    """Whole chords where the harmony changes and at bar lines, held until the next one."""

    roles = (COMPING,)

    def compose(self, score: Score, rng: np.random.Generator) -> Mapping[str, Notes]:
        """Return the chords. Without harmony it rests."""
        spans = chord_spans(score)
        lines = set(bar_lines(score)) | {span.begin for span in spans}
        onsets = [onset for onset in sorted(lines) if at(spans, onset)]
        return {COMPING: _chords(score, onsets, (1.0,) * len(onsets), rng)}


class Arpeggio:
    """Broken chords in even notes that ring until the chord ends or the bar is over.

    Below the energy `CALM` in beats, above it in eighths. One figure lasts a phrase.
    """

    roles = (COMPING,)

    def compose(self, score: Score, rng: np.random.Generator) -> Mapping[str, Notes]:
        """Return the broken chords. Without harmony it rests."""
        step = score.beat if score.energy < CALM else EIGHTH
        figure = FIGURES[int(rng.integers(len(FIGURES)))]
        notes: list[Note] = []
        before = last_chord(score)
        for span in chord_spans(score):
            chord = led(span.chord, score.low, score.high, before)
            before = chord or before
            notes += _broken(span, chord, score, (step, figure), rng)
        return {COMPING: tuple(notes)}


class BoomChick:
    """A low root or fifth on the strong beats and a chord on the others, as guitars accompany.

    Compound meters have the low note on each beat and the chord on its third eighth. With a bass in
    the ensemble there are no low notes.
    """

    roles = (COMPING,)

    def compose(self, score: Score, rng: np.random.Generator) -> Mapping[str, Notes]:
        """Return low notes and chords. Without harmony it rests."""
        spans, notes = chord_spans(score), []
        floor = min(score.low + 14, score.high)
        before = last_chord(score)
        for onset, duration, low in _booms(score):
            span = at(spans, onset)
            if span is None:
                continue
            length = min(duration, span.end - onset)
            if low:
                pitches = _boom(span, onset, score)
            else:
                pitches = led(span.chord, floor, score.high, before, 3)
                before = pitches or before
            notes += _struck(pitches, onset, length, score, rng)
        return {COMPING: tuple(notes)}


class Charleston:
    """Short chords off the beat, as jazz pianists comp: fewer while the lead is busy.

    Each bar has one of the displacements of the Charleston rhythm. A chord anticipates the next one
    by an eighth. Meters other than four quarters have a chord on the second beat of each bar.
    """

    roles = (COMPING,)

    def compose(self, score: Score, rng: np.random.Generator) -> Mapping[str, Notes]:
        """Return the chords. Without harmony it rests."""
        onsets: list[int] = []
        for bar in bar_lines(score):
            onsets += (bar + place for place in _stabs(score, bar, rng))
        lengths = tuple(0.6 if rng.random() < 0.7 else 1.0 for _ in onsets)
        return {COMPING: _chords(score, onsets, lengths, rng)}


def last_chord(score: Score) -> Pitches:
    """Return the pitches of the last comping before the phrase that began together."""
    past = [note for note in score.notes(COMPING) if note.onset < 0]
    return tuple(sorted(note.pitch for note in past if note.onset == past[-1].onset))


def _stabs(score: Score, bar: int, rng: np.random.Generator) -> Sequence[int]:
    """Return the onsets of chords in a bar, from its begin."""
    if score.bar != 4 * score.beat or score.beat != 2 * EIGHTH:
        return (score.beat,) if rng.random() < 0.5 + score.energy / 2 else (0,)
    lead = sum(bar <= note.onset < bar + score.bar for note in score.notes(LEAD))
    busy = lead / 8 - score.energy
    choices = [each for each in STABS if len(each) == 1 or busy < 0.5]
    if busy < -0.2 and rng.random() < score.energy:
        choices = [each for each in STABS if len(each) > 1]
    return choices[int(rng.integers(len(choices)))]


def _chords(
    score: Score, onsets: Sequence[int], lengths: Sequence[float], rng: np.random.Generator
) -> Notes:
    """Return a chord at each onset; `lengths` are the shares of the time to the next one."""
    spans, notes, before = chord_spans(score), [], last_chord(score)
    for (onset, after), share in zip(pairwise([*onsets, score.length]), lengths, strict=True):
        # A chord in the last eighth before a change is already the new one.
        span = at(spans, min(onset + EIGHTH, score.length - 1)) if share < 1 else at(spans, onset)
        if span is None:
            continue
        chord = led(span.chord, score.low, score.high, before)
        before = chord or before
        length = round((min(after, span.end) - onset) * share)
        notes += _struck(chord, onset, min(length, score.bar), score, rng)
    return tuple(notes)


def _broken(
    span: Span, chord: Pitches, score: Score, how: tuple[int, Sequence[int]],
    rng: np.random.Generator,
) -> Notes:  # fmt: skip
    """Return a broken chord; `how` is the step in ticks and the order of the notes."""
    step, figure = how
    notes: list[Note] = []
    for number, onset in enumerate(range(span.begin, span.end, step) if chord else ()):
        bar = onset + score.bar - (onset - score.length) % score.bar
        pitch = chord[figure[number % len(figure)] % len(chord)]
        end = min(span.end, bar, onset + step * len(figure))
        notes += _struck((pitch,), onset, end - onset, score, rng)
    return _released(notes)


def _released(notes: Sequence[Note]) -> Notes:
    """Return the notes, each ended where its pitch is struck again."""
    after: dict[int, int] = {}
    found = []
    for note in reversed(notes):
        found.append(note.until(min(note.end, after.get(note.pitch, note.end))))
        after[note.pitch] = note.onset
    return tuple(reversed(found))


def _booms(score: Score) -> list[tuple[int, int, bool]]:
    """Return onset, duration and lowness of the strokes of a phrase."""
    strokes = []
    with_bass = any(note.end > 0 for note in score.notes(BASS))
    for number, beat in enumerate(beats(score)):
        place = (beat - score.length) % score.bar // score.beat
        if score.beat % 36 == 0:
            strokes += [(beat, 2 * EIGHTH, True), (beat + 2 * EIGHTH, EIGHTH, False)]
        else:
            strong = place == 0 or (place % 2 == 0 and (score.bar // score.beat) % 2 == 0)
            strokes.append((beat, score.beat, strong))
            if score.energy > LIVELY and not strong and number % 4 == 3:
                strokes[-1:] = [(beat, EIGHTH, False), (beat + EIGHTH, EIGHTH, False)]
    return [stroke for stroke in strokes if not (with_bass and stroke[2])]


def _boom(span: Span, onset: int, score: Score) -> Pitches:
    """Return the low note: the root at bar lines and where chords begin, else the fifth."""
    first = onset == span.begin or (onset - score.length) % score.bar == 0
    tone = span.tones[0 if first else min(2, len(span.tones) - 1)]
    pitch = octave_near(tone, score.low + 5, score.low, score.high)
    return ladder(span.chord, score.low, score.high)[:1] if pitch is None else (pitch,)


def _struck(
    pitches: Pitches, onset: int, length: int, score: Score, rng: np.random.Generator
) -> list[Note]:
    """Return notes that begin together; they are louder on a bar line."""
    accent = 5 if (onset - score.length) % score.bar == 0 else 0
    velocity = round(SOFT + RISE * score.energy) + accent + int(rng.integers(-SPREAD, SPREAD + 1))
    channel = COMPANION_PARTS[COMPING]
    return [Note(onset, max(length, 1), pitch, velocity, channel) for pitch in pitches]
