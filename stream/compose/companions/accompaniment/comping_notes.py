"""Comping as it sounds: how long the notes of frames last, how loud they are, what is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from stream.compose.companions.accompaniment.chord_ladder import MOST
from stream.compose.companions.accompaniment.chord_spans import at, chord_spans
from stream.compose.companions.accompaniment.comping_tokens import ADD, REST, STRIKE, pitches_of
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Notes, Score
from stream.compose.polyphony.frames import Ints
from stream.music.note import Note
from stream.music.part import COMPANION_PARTS, COMPING, LEAD
from stream.music.scale import OCTAVE

SOFT: Final = 56
"""Velocity at no energy."""
RISE: Final = 30
"""Velocity added at full energy."""
DOWNBEAT, WEAK, SPREAD = 5, -6, 4
"""Velocity added on a bar line and off the beat, and the largest random change."""


def notes_of(frames: Ints, score: Score, rng: np.random.Generator) -> Notes:
    """Return the notes of frames [T, 5] that end with the phrase, in order."""
    first = score.length - FRAME * len(frames)
    spans = chord_spans(score)
    ringing: list[Note] = []
    done: list[Note] = []
    top = _last_top(score)
    for number, (action, *tokens) in enumerate(frames.tolist()):
        tick = first + FRAME * number
        if action in {REST, STRIKE}:
            done += (note.until(tick) for note in ringing)
            ringing = []
        span = at(spans, tick + FRAME // 2 - 1)
        stale = [n for n in ringing if span and n.pitch % OCTAVE not in span.tones]
        done += (note.until(tick) for note in stale)
        ringing = [note for note in ringing if note not in stale]
        if action not in {STRIKE, ADD} or span is None:
            continue
        pitches = pitches_of(tokens, span, score, top)
        top = pitches[-1] if pitches else top
        struck = _struck(pitches, tick, score, rng)
        again = {note.pitch for note in struck}
        kept = [note for note in ringing if note.pitch not in again]
        kept = kept[max(len(kept) + len(struck) - MOST, 0) :]
        done += (note.until(tick) for note in ringing if note not in kept)
        ringing = kept + struck
    done += (note.until(score.length) for note in ringing)
    return tuple(sorted(clear(done, score), key=lambda note: (note.onset, note.pitch)))


def held(lead: Notes, beat: int) -> Notes:
    """Return the notes of the lead in the phrase that last a beat: only these can clash."""
    return tuple(note for note in lead if note.end > 0 and note.duration >= beat)


def clashes(note: Note, lead: Notes, beat: int) -> bool:
    """Return whether a note sounds a semitone, or octaves and one, from a lead note for a beat."""
    return note.duration >= beat and any(
        (note.pitch - other.pitch) % OCTAVE in {1, OCTAVE - 1}
        and min(note.end, other.end) - max(note.onset, other.onset) >= beat
        for other in lead
    )


def clear(notes: Sequence[Note], score: Score) -> list[Note]:
    """Return the notes without those that clash with the lead for a beat, if others are left."""
    lead = held(score.notes(LEAD), score.beat)
    alone: dict[int, int] = {}
    for note in notes:
        alone[note.onset] = alone.get(note.onset, 0) + 1
    kept = []
    for note in sorted(notes, key=lambda note: (note.onset, -note.pitch)):
        if clashes(note, lead, score.beat):
            if alone[note.onset] > 1:
                alone[note.onset] -= 1
                continue
            kept.append(replace(note, duration=min(note.duration, score.beat // 2)))
        else:
            kept.append(note)
    return kept


def _last_top(score: Score) -> int | None:
    past = [note for note in score.notes(COMPING) if note.onset < 0]
    return max((n.pitch for n in past if n.onset == past[-1].onset), default=None)


def _struck(
    pitches: tuple[int, ...], tick: int, score: Score, rng: np.random.Generator
) -> list[Note]:
    place = (tick - score.length) % score.bar
    accent = DOWNBEAT if place == 0 else 0 if place % score.beat == 0 else WEAK
    velocity = round(SOFT + RISE * score.energy) + accent + int(rng.integers(-SPREAD, SPREAD + 1))
    return [Note(tick, FRAME, pitch, velocity, COMPANION_PARTS[COMPING]) for pitch in pitches]
