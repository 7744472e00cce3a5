"""Bad melodies made from real ones, as negative examples for the filter.

Each kind takes the events [n, 3] of a melody (pitch class, octave, duration class) and a generator,
and returns as many events, changed. Rests stay in place. The kinds imitate the faults of generated
music: no melodic line (shuffled, random or broken up pitches), no meter (shuffled, random lengths),
and the loops of a note, of a few notes, or of a bar that free-running models fall into.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.sampler import decode_pitches
from stream.compose.melody.vocabulary import REST, TWELFTHS, encode_pitch

Tokens = NDArray[np.int64]
Corruption = Callable[[Tokens, np.random.Generator], Tokens]

LOWEST, HIGHEST = 36, 95
"""Range of MIDI numbers into which pitches are folded by octaves."""
FRAGMENT = 4
"""Notes that are transposed together."""
CHANGED = 0.25
"""Smallest share of the events that must differ: shuffled equal notes are not a worse melody."""


def _pitched(events: Tokens, change: Callable[[Tokens], Tokens]) -> Tokens:
    """Return the events with the pitches [n] of the notes changed by `change`."""
    out = events.copy()
    notes = events[:, 0] != REST
    pitches = change(decode_pitches(events[notes]))
    while ((pitches < LOWEST) | (pitches > HIGHEST)).any():
        pitches = pitches + 12 * (pitches < LOWEST) - 12 * (pitches > HIGHEST)
    out[notes, :2] = [encode_pitch(p) for p in pitches.tolist()]
    return out


def shuffled_notes(events: Tokens, rng: np.random.Generator) -> Tokens:
    """Return the same events in random order."""
    return rng.permutation(events)


def shuffled_steps(events: Tokens, rng: np.random.Generator) -> Tokens:
    """Return the same intervals in random order."""
    return _pitched(events, lambda p: np.cumsum([p[0], *rng.permutation(np.diff(p))]))


def shuffled_lengths(events: Tokens, rng: np.random.Generator) -> Tokens:
    """Return the same lengths in random order."""
    return np.column_stack([events[:, :2], rng.permutation(events[:, 2])])


def random_pitches(events: Tokens, rng: np.random.Generator) -> Tokens:
    """Return random pitches between the lowest and the highest."""
    return _pitched(events, lambda p: rng.integers(p.min(), p.max() + 1, len(p)))


def random_lengths(events: Tokens, rng: np.random.Generator) -> Tokens:
    """Return random lengths."""
    return np.column_stack([events[:, :2], rng.integers(len(TWELFTHS), size=len(events))])


def transposed_fragments(events: Tokens, rng: np.random.Generator) -> Tokens:
    """Transpose four notes at a time by up to a tritone, each four by a random interval."""

    def change(pitches: Tokens) -> Tokens:
        by = rng.integers(-6, 7, -(-len(pitches) // FRAGMENT))
        return pitches + np.repeat(by, FRAGMENT)[: len(pitches)]

    return _pitched(events, change)


def one_pitch(events: Tokens, rng: np.random.Generator) -> Tokens:
    """Return one of the pitches in the rhythm of the melody."""
    return _pitched(events, lambda p: np.full_like(p, rng.choice(p)))


def one_length(events: Tokens, rng: np.random.Generator) -> Tokens:
    """Return the events with one of the lengths for all."""
    return np.column_stack([events[:, :2], np.full(len(events), rng.choice(events[:, 2]))])


def _loop(events: Tokens, rng: np.random.Generator, length: int) -> Tokens:
    """Repeat a part of `length` events."""
    start = int(rng.integers(max(len(events) - length, 0) + 1))
    return np.resize(events[start : start + length], events.shape)


def one_note_loop(events: Tokens, rng: np.random.Generator) -> Tokens:
    """Repeat one of the notes."""
    notes = events[events[:, 0] != REST]
    return _loop(notes, rng, 1)[np.zeros(len(events), np.int64)]


def few_notes_loop(events: Tokens, rng: np.random.Generator) -> Tokens:
    """Repeat two or three of the events."""
    return _loop(events, rng, int(rng.integers(2, 4)))


def bar_loop(events: Tokens, rng: np.random.Generator) -> Tokens:
    """Repeat six to eight of the events, about a bar."""
    return _loop(events, rng, int(rng.integers(6, 9)))


KINDS: dict[str, Corruption] = {
    "shuffled notes": shuffled_notes,
    "shuffled steps": shuffled_steps,
    "shuffled lengths": shuffled_lengths,
    "random pitches": random_pitches,
    "random lengths": random_lengths,
    "transposed fragments": transposed_fragments,
    "one pitch": one_pitch,
    "one length": one_length,
    "one-note loop": one_note_loop,
    "few-notes loop": few_notes_loop,
    "bar loop": bar_loop,
}
UNSEEN = "shuffled lengths"
"""The kind that entropies hardly detect: the lengths are those of the tune, in another order, and
thresholds that reject it reject nearly as many real melodies."""
SEEN = tuple(kind for kind in KINDS if kind != UNSEEN)
"""All other kinds, which thresholds on entropies are fitted to."""


def corrupted(kind: str, events: Tokens, rng: np.random.Generator) -> Tokens | None:
    """Return the events corrupted by `kind`; None if too few of them differ."""
    out = KINDS[kind](events, rng)
    return out if (out != events).any(1).mean() >= CHANGED else None
