"""Call and response: a person plays a call, and the response resembles it.

A voice knows melodies around middle C. A call is moved there by octaves, and its response back.
"""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence
from statistics import median_low

import numpy as np
from numpy.typing import NDArray

from stream.compose.filter.entropy import NoteSeries
from stream.compose.melody.person import ORDER, Person
from stream.compose.melody.vocabulary import TWELFTHS, encode_pitch
from stream.music.note import Note, PhraseRequest
from stream.music.scale import OCTAVE, folded

MIDDLE_OCTAVE = 5
"""Number of the octave that begins with middle C: the median pitch of a voice's melodies lies in
it."""
HIGHEST = 127
STRANGEST = 8.0
"""Nats of a note that is as strange as any."""
WEIGHT = 2.0
"""Nats a note that weigh as much as half of all notes in another key or rhythm."""
EDGES = np.array([(a + b) / 2 for a, b in itertools.pairwise(TWELFTHS)])
"""Boundaries between the classes of durations, in twelfths of a unit."""


def shift(request: PhraseRequest) -> int:
    """Return the semitones, whole octaves, from the register of the call to the voice's."""
    pitches = [n.pitch for n in request.call_notes]
    return OCTAVE * (MIDDLE_OCTAVE - median_low(pitches) // OCTAVE) if pitches else 0


def in_register(request: PhraseRequest, semitones: int) -> PhraseRequest:
    """Return the request with its history, and what was played before, moved by `semitones`."""
    if not semitones:
        return request
    return dataclasses.replace(
        request,
        history=_transposed(request.history, semitones),
        played=_transposed(request.played, semitones),
    )


def out_of_register(notes: tuple[Note, ...], semitones: int) -> tuple[Note, ...]:
    """Return notes in the voice's register moved back: the inverse of `in_register`."""
    return _transposed(notes, -semitones) if semitones else notes


def nearest(
    call: NoteSeries,
    melodies: Sequence[NoteSeries],
    among: Sequence[int],
    person: Person | None = None,
) -> int:
    """Return the candidate nearest to the call in key and rhythm; the first of several.

    If earlier calls are known, it is also near to what the person plays.
    """
    if person is None:
        return min(among, key=lambda k: distance(call, melodies[k]))
    return min(among, key=lambda k: distance(call, melodies[k]) + strangeness(person, melodies[k]))


def strangeness(person: Person, melody: NoteSeries) -> float:
    """Return how unlikely the person is to play a melody: 0 if it is certain, at most 4."""
    events = [
        (*encode_pitch(pitch), int(np.digitize(length, EDGES)))
        for pitch, length in zip(*(column.tolist() for column in melody), strict=True)
    ]
    if not events:
        return STRANGEST / WEIGHT
    nats = -sum(
        math.log(person.probability(events[max(i - ORDER, 0) : i], event))
        for i, event in enumerate(events)
    )
    return min(nats / len(events), STRANGEST) / WEIGHT


def distance(one: NoteSeries, other: NoteSeries) -> float:
    """Return 0 for notes and durations in the same proportions, 2 if none of them is shared."""
    return _total_variation(key(one), key(other)) + _total_variation(rhythm(one), rhythm(other))


def key(melody: NoteSeries) -> NDArray[np.float64]:
    """Return the share [12] of each pitch class in the sounding time."""
    pitch, length = melody
    return _shares(np.bincount(pitch % OCTAVE, length, OCTAVE))


def rhythm(melody: NoteSeries) -> NDArray[np.float64]:
    """Return the share [11] of each class of durations among the notes."""
    return _shares(np.bincount(np.digitize(melody[1], EDGES), minlength=len(TWELFTHS)))


def _shares(counts: NDArray[np.number]) -> NDArray[np.float64]:
    return np.asarray(counts / max(counts.sum(), 1), np.float64)


def _total_variation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return half the sum of the absolute differences: 0 to 1."""
    return float(np.abs(one - other).sum()) / 2


def _transposed(notes: tuple[Note, ...], semitones: int) -> tuple[Note, ...]:
    moved = ((n, folded(n.pitch + semitones, 0, HIGHEST)) for n in notes)
    return tuple(n.transposed(pitch - n.pitch) for n, pitch in moved)
