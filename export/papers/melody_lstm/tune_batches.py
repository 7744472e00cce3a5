"""Tunes as padded batches for the net that reads whole tunes.

A batch is tunes of similar length side by side, processed in chunks. Conventions as in
`export.papers.melody_lstm.tune_model`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.corpus.chords.keys import chord_classes
from export.papers.melody_lstm.chords import CHORDS
from export.papers.melody_lstm.recall import SOURCES, likeness
from export.papers.melody_lstm.segments import PITCHES, REST, SEGMENTS, Ints, Lead
from export.papers.melody_lstm.tune_model import MEASURES, TuneInputs

PADDED: Final = -100
"""Target class where a row is padded."""
POOL: Final = 8
"""Batches whose tunes are sorted by length together."""


@dataclass(frozen=True, slots=True)
class Score:
    """A tune with the votes of its own past."""

    pitch: Ints
    chord: Ints
    meter: int
    votes: NDArray[np.float16]
    """Votes on the pitch of each segment [T, R, C]."""
    chord_votes: NDArray[np.float16]
    """Votes on the chord of each segment [T, R, K]."""

    def __len__(self) -> int:
        return len(self.pitch)


def score_of(lead: Lead) -> Score:
    """Return the tune with its votes."""
    found = [likeness(source, lead.pitch) for source in SOURCES]
    votes = np.stack([each.melody(lead.pitch, PITCHES) for each in found], 1)
    chord_votes = np.stack([each.chord(lead.chord, CHORDS) for each in found], 1)
    return Score(
        lead.pitch, lead.chord, lead.meter, votes.astype(np.float16), chord_votes.astype(np.float16)
    )


def moved(score: Score, semitones: int) -> Score:
    """Return the tune in another key; unchanged where that would leave the range of pitches."""
    notes = score.pitch != REST
    if not semitones or not notes.any():
        return score
    pitch = np.where(notes, score.pitch + semitones, REST)
    if pitch[notes].min() <= REST or pitch.max() >= PITCHES:
        return score
    # Classes of notes are shifted, those of chords rotated among their roots.
    votes = np.concatenate([score.votes[..., :1], np.roll(score.votes[..., 1:], semitones, -1)], -1)
    return Score(
        pitch, chord_classes(semitones)[score.chord], score.meter, votes,
        score.chord_votes[..., np.argsort(chord_classes(semitones))],
    )  # fmt: skip


def inputs_of(scores: Sequence[Score]) -> TuneInputs:
    """Return padded inputs of whole tunes side by side."""
    time = np.arange(max(map(len, scores)))
    meter = np.array([score.meter for score in scores])
    place = np.stack(
        np.broadcast_arrays(
            (time % SEGMENTS)[:, None], meter, (time // SEGMENTS % MEASURES)[:, None]
        ),
        2,
    )
    pitch, chord = padded([s.pitch for s in scores]), padded([s.chord for s in scores])
    arrays = (
        _delayed(pitch, PITCHES), place.copy(), padded([s.votes for s in scores]), pitch,
        _delayed(chord, CHORDS), padded([s.chord_votes for s in scores]),
    )  # fmt: skip
    before, where, votes, now, chord_before, chord_votes = map(torch.from_numpy, arrays)
    return TuneInputs(before, where, votes.float(), now, chord_before, chord_votes.float())


def without_chords(inputs: TuneInputs, rows: Tensor) -> TuneInputs:
    """Return the inputs without the chords before in some rows, bool [B]."""
    return dataclasses.replace(
        inputs, chord_before=inputs.chord_before.masked_fill(rows, CHORDS),
        chord_votes=inputs.chord_votes.masked_fill(rows[:, None, None], 0.0),
    )  # fmt: skip


def _delayed(rows: Ints, first: int) -> Ints:
    """Return rows [T, B] one segment later, after `first`."""
    return np.concatenate([np.full_like(rows[:1], first), rows[:-1]])


def padded(rows: Sequence[NDArray[Any]], nothing: int = 0) -> NDArray[Any]:
    """Return rows side by side [T, B, ...], padded by `nothing`."""
    longest = max(map(len, rows))
    out = np.full((longest, len(rows), *rows[0].shape[1:]), nothing, rows[0].dtype)
    for i, row in enumerate(rows):
        out[: len(row), i] = row
    return out


def chunks(inputs: TuneInputs, length: int) -> Iterator[TuneInputs]:
    """Yield chunks of the same rows, one after the other."""
    for at in range(0, len(inputs.pitch), length):
        chunk = slice(at, at + length)
        yield TuneInputs(*(getattr(inputs, name)[chunk] for name in TuneInputs.__slots__))


def targets_of(scores: Sequence[Score]) -> Tensor:
    """Return pitch and chord of every segment, int64 [T, B, 2]; `PADDED` after a tune's end."""
    parts = [
        padded(rows, PADDED) for rows in ([s.pitch for s in scores], [s.chord for s in scores])
    ]
    return torch.from_numpy(np.stack(parts, 2))


def batches(
    scores: Sequence[Score], rows: int, rng: np.random.Generator | None
) -> Iterator[list[Score]]:
    """Yield all tunes, those of similar length together; in random order with `rng`."""
    order = np.arange(len(scores)) if rng is None else rng.permutation(len(scores))
    pool = len(scores) if rng is None else rows * POOL
    for begin in range(0, len(order), pool):
        part = sorted(order[begin : begin + pool], key=lambda i: len(scores[i]))
        groups = [part[at : at + rows] for at in range(0, len(part), rows)]
        for number in range(len(groups)) if rng is None else rng.permutation(len(groups)):
            yield [scores[i] for i in groups[number]]
