"""Tunes as padded batches for the net that hears whole tunes.

A batch is tunes of like length side by side, walked through in chunks. Conventions as in
`export.papers.melody_lstm.tune_model`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.papers.melody_lstm.chords import CHORDS
from export.papers.melody_lstm.recall import SOURCES, likeness
from export.papers.melody_lstm.segments import PITCHES, REST, SEGMENTS, Ints, Lead
from export.papers.melody_lstm.tune_model import MEASURES, Told
from stream.music.scale import OCTAVE

NOBODY: Final = -100
"""Class of what is wanted where a row is padded."""
POOL: Final = 8
"""Batches whose tunes are sorted by length together."""


@dataclass(frozen=True, slots=True)
class Score:
    """A tune with what it recalls of itself."""

    pitch: Ints
    chord: Ints
    metre: int
    votes: NDArray[np.float16]
    """[T, R, C]"""
    chord_votes: NDArray[np.float16]
    """[T, R, K]"""

    def __len__(self) -> int:
        return len(self.pitch)


def score_of(lead: Lead) -> Score:
    """The tune as the net is told of it."""
    found = [likeness(source, lead.pitch) for source in SOURCES]
    votes = np.stack([each.melody(lead.pitch, PITCHES) for each in found], 1)
    chord_votes = np.stack([each.chord(lead.chord, CHORDS) for each in found], 1)
    return Score(
        lead.pitch, lead.chord, lead.metre, votes.astype(np.float16), chord_votes.astype(np.float16)
    )


def moved(score: Score, semitones: int) -> Score:
    """The tune in another key; as it is where that would leave the alphabet."""
    notes = score.pitch != REST
    if not semitones or not notes.any():
        return score
    pitch = np.where(notes, score.pitch + semitones, REST)
    if pitch[notes].min() <= REST or pitch.max() >= PITCHES:
        return score
    # Classes of notes are moved along, those of chords round their roots.
    votes = np.concatenate([score.votes[..., :1], np.roll(score.votes[..., 1:], semitones, -1)], -1)
    return Score(
        pitch, chord_classes(semitones)[score.chord], score.metre, votes,
        score.chord_votes[..., np.argsort(chord_classes(semitones))],
    )  # fmt: skip


@cache
def chord_classes(semitones: int) -> Ints:
    """[K]: what each chord is in another key."""
    classes = np.arange(1, CHORDS).reshape(-1, OCTAVE)
    return np.concatenate([[0], np.roll(classes, -semitones, 1).ravel()])


def told_of(scores: Sequence[Score]) -> Told:
    """Padded inputs of whole tunes side by side."""
    time = np.arange(max(map(len, scores)))
    metre = np.array([score.metre for score in scores])
    place = np.stack(
        np.broadcast_arrays(
            (time % SEGMENTS)[:, None], metre, (time // SEGMENTS % MEASURES)[:, None]
        ),
        2,
    )
    pitch, chord = padded([s.pitch for s in scores]), padded([s.chord for s in scores])
    arrays = (
        _late(pitch, PITCHES), place.copy(), padded([s.votes for s in scores]), pitch,
        _late(chord, CHORDS), padded([s.chord_votes for s in scores]),
    )  # fmt: skip
    before, where, votes, now, chord_before, chord_votes = map(torch.from_numpy, arrays)
    return Told(before, where, votes.float(), now, chord_before, chord_votes.float())


def unharmonised(told: Told, rows: Tensor) -> Told:
    """The same, but the chords before are not told to some rows, bool [B]."""
    return dataclasses.replace(
        told, chord_before=told.chord_before.masked_fill(rows, CHORDS),
        chord_votes=told.chord_votes.masked_fill(rows[:, None, None], 0.0),
    )  # fmt: skip


def _late(rows: Ints, first: int) -> Ints:
    return np.concatenate([np.full_like(rows[:1], first), rows[:-1]])


def padded(rows: Sequence[NDArray[Any]], nothing: int = 0) -> NDArray[Any]:
    """[T, B, ...]: rows side by side."""
    longest = max(map(len, rows))
    out = np.full((longest, len(rows), *rows[0].shape[1:]), nothing, rows[0].dtype)
    for i, row in enumerate(rows):
        out[: len(row), i] = row
    return out


def chunks(told: Told, length: int) -> Iterator[Told]:
    """Stretches of the same rows, one after the other."""
    for at in range(0, len(told.pitch), length):
        yield Told(*(getattr(told, name)[at : at + length] for name in Told.__slots__))


def wanted_of(scores: Sequence[Score]) -> Tensor:
    """int64 [T, B, 2]: pitch and chord of every segment, `NOBODY` behind the end of a tune."""
    parts = [
        padded(rows, NOBODY) for rows in ([s.pitch for s in scores], [s.chord for s in scores])
    ]
    return torch.from_numpy(np.stack(parts, 2))


def batches(
    scores: Sequence[Score], rows: int, rng: np.random.Generator | None
) -> Iterator[list[Score]]:
    """All tunes, those of like length together; in random order where there is `rng`."""
    order = np.arange(len(scores)) if rng is None else rng.permutation(len(scores))
    pool = len(scores) if rng is None else rows * POOL
    for begin in range(0, len(order), pool):
        part = sorted(order[begin : begin + pool], key=lambda i: len(scores[i]))
        groups = [part[at : at + rows] for at in range(0, len(part), rows)]
        for number in range(len(groups)) if rng is None else rng.permutation(len(groups)):
            yield [scores[i] for i in groups[number]]
