"""Answering a person: what they have just played is the call; the answer is like it.

A voice knows melodies around middle C. A call is moved there by octaves, its answer back.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from statistics import median_low

import numpy as np
from numpy.typing import NDArray

from stream.compose.filter.entropy import Melody
from stream.compose.melody.vocabulary import TWELFTHS
from stream.music.note import Note, PhraseRequest
from stream.music.scale import OCTAVE, folded

MIDDLE = 5
"""The octave from middle C on, where the median pitch of a voice's melodies is."""
HIGHEST = 127
EDGES = np.array([(a + b) / 2 for a, b in itertools.pairwise(TWELFTHS)])
"""Between the classes of durations."""


def shift(request: PhraseRequest) -> int:
    """Semitones, whole octaves, from the register of the person who calls to the voice's."""
    pitches = [n.pitch for n in request.call_notes]
    return OCTAVE * (MIDDLE - median_low(pitches) // OCTAVE) if pitches else 0


def in_register(request: PhraseRequest, semitones: int) -> PhraseRequest:
    """The request with its history moved."""
    if not semitones:
        return request
    return dataclasses.replace(request, history=_transposed(request.history, semitones))


def out_of_register(notes: tuple[Note, ...], semitones: int) -> tuple[Note, ...]:
    """Inverse of the same, for notes."""
    return _transposed(notes, -semitones) if semitones else notes


def nearest(call: Melody, melodies: Sequence[Melody], among: Sequence[int]) -> int:
    """The candidate that is nearest to the call in key and rhythm; of equals the first."""
    return min(among, key=lambda k: distance(call, melodies[k]))


def distance(one: Melody, other: Melody) -> float:
    """From 0, notes and durations in the same proportions, to 2, none of them shared."""
    return _apart(key(one), key(other)) + _apart(rhythm(one), rhythm(other))


def key(melody: Melody) -> NDArray[np.float64]:
    """[12] share of each pitch class in the time that sounds."""
    pitch, length = melody
    return _shares(np.bincount(pitch % OCTAVE, length, OCTAVE))


def rhythm(melody: Melody) -> NDArray[np.float64]:
    """[11] share of each class of durations among the notes."""
    return _shares(np.bincount(np.digitize(melody[1], EDGES), minlength=len(TWELFTHS)))


def _shares(counts: NDArray[np.number]) -> NDArray[np.float64]:
    return np.asarray(counts / max(counts.sum(), 1), np.float64)


def _apart(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Half the sum of the differences: 0 to 1."""
    return float(np.abs(one - other).sum()) / 2


def _transposed(notes: tuple[Note, ...], semitones: int) -> tuple[Note, ...]:
    moved = ((n, folded(n.pitch + semitones, 0, HIGHEST)) for n in notes)
    return tuple(n.transposed(pitch - n.pitch) for n, pitch in moved)
