"""Melodies as padded batches of segments, for truncated back-propagation through endless music.

Conventions: T events of a segment, B rows, S tags. A row holds tune after tune, each cut into
segments of nearly equal length; the model's state is carried from segment to segment, and into the
next tune, as it is in the stream. The latent point belongs to a segment.
"""

from __future__ import annotations

import dataclasses
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.models import bar_memory, motif
from export.models.melody_config import BARS, MODES
from stream.compose.melody import outline_context
from stream.compose.melody.vocabulary import PERIOD, REST, REST_OCTAVE, START, TWELFTHS
from stream.compose.tunes.tune import Melody


@dataclass(frozen=True, slots=True)
class Batch:
    """One segment of every row."""

    tokens: Tensor
    """Events to predict, int64 [T, B, 3]."""
    previous: Tensor
    """Event before, START at the head of a tune, and the hints of both memories: int64 [T, B, 43].
    """
    position: Tensor
    """Onset of the event since the head of its tune, in twelfths of a unit: int64 [T, B]."""
    mask: Tensor
    """False where a row is padded: bool [T, B]."""
    tags: Tensor
    """Weights of the tags, float32 [B, S]."""
    cold: Tensor
    """True where the row starts from the initial state: bool [B]."""
    context: Tensor
    """The outline at each event, float32 [T, B, C]; zeros without one."""

    def to(self, device: torch.device) -> Batch:
        return Batch(*(getattr(self, name).to(device) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a tune, as arrays over its events."""

    tokens: NDArray[np.int64]
    previous: NDArray[np.int64]
    position: NDArray[np.int64]
    tags: NDArray[np.float32]
    context: NDArray[np.float32]
    opening: bool
    alone: bool
    """True in a tune that always begins with the initial state."""


def split_of(melody: Melody) -> str:
    """Return `train`, `valid` or `test` (8 : 1 : 1), the same for every variant of a tune."""
    if melody.split:
        return melody.split
    bucket = zlib.crc32(f"{melody.group}".encode()) % 10
    return {0: "test", 1: "valid"}.get(bucket, "train")


def tag_vector(
    melody: Melody, styles: Sequence[str], kinds: Sequence[str] = ()
) -> NDArray[np.float32]:
    """Return the weights [S] of style, bar in units, mode and dance; unknown ones are zero."""
    tags = np.zeros(len(styles) + len(BARS) + len(MODES) + len(kinds), np.float32)
    tags[styles.index(melody.style)] = 1
    if melody.bar in BARS:
        tags[len(styles) + BARS.index(melody.bar)] = 1
    if melody.mode in MODES:
        tags[len(styles) + len(BARS) + MODES.index(melody.mode)] = 1
    if melody.kind in kinds:
        tags[len(styles) + len(BARS) + len(MODES) + kinds.index(melody.kind)] = 1
    return tags


def segments(
    melody: Melody, styles: Sequence[str], length: int, kinds: Sequence[str] = ()
) -> list[Segment]:
    """Return the tune in segments of at most `length` events, all nearly equally long."""
    tokens = melody.tokens.astype(np.int64)
    before = np.vstack([np.array([START]), tokens[:-1]])
    ends = np.cumsum(np.array(TWELFTHS)[tokens[:, 2]])
    onsets = np.concatenate([[0], ends[:-1]])
    context = contexts(melody, onsets)
    bars = bar_memory.hints(tokens, _distances(melody, context), motif.REACH)
    previous = np.hstack(
        [before, motif.hints(tokens, motif.REACH), bars.reshape(len(tokens), -1)]
    )  # fmt: skip
    position = onsets % PERIOD
    tags = tag_vector(melody, styles, kinds)
    cuts = np.array_split(np.arange(len(tokens)), -(-len(tokens) // length))
    return [
        Segment(
            tokens[c], previous[c], position[c], tags, context[c], c[0] == 0,
            melody.outline is not None,
        )
        for c in cuts
    ]  # fmt: skip


def _forget(segment: Segment) -> None:
    """Remove the conditions of a segment: the tags or, from a tune with an outline, the outline."""
    if segment.alone:
        chords = segment.context[:, outline_context.SLICES["chords"]].copy()
        segment.context[:] = 0
        segment.context[:, outline_context.SLICES["chords"]] = chords
        pointed = segment.previous[:, -bar_memory.OUTLINE * bar_memory.FIELDS :]
        pointed[:] = bar_memory.NOTHING * bar_memory.OUTLINE
    else:
        segment.tags[:] = 0


def contexts(melody: Melody, onsets: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the outline at events [n, C] with these onsets [n]; zeros without an outline."""
    if melody.outline is None:
        return np.zeros((len(onsets), outline_context.WIDTH), np.float32)
    sounding = melody.tokens[:, 0] != REST
    return outline_context.OutlineContext(melody.outline).of(onsets, sounding)


def _distances(melody: Melody, context: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return the distances [n, D], in twelfths, at which the bar memory looks back."""
    bars = np.concatenate(
        [np.tile(bar_memory.BARS, (len(context), 1)), context[:, :1].astype(np.int64)], axis=1
    )
    # The step knows the bar by its tag.
    known = melody.outline is not None and melody.bar in BARS
    ahead = context[:, outline_context.AHEAD, None].astype(np.int64)
    return np.hstack([bars * (12 * melody.bar if known else 0), ahead])


def epoch(
    melodies: Sequence[Melody],
    styles: Sequence[str],
    *,
    rows: int,
    length: int,
    rng: np.random.Generator,
    balance: float = 1.0,
    tag_dropout: float = 0.0,
    kinds: Sequence[str] = (),
) -> Iterator[Batch]:
    """Yield the batches of one pass in random order.

    A style with a share p of the events is visited in proportion to p^`balance`: 1 leaves the
    corpus as it is, 0 visits all styles equally often. From the second visit on a tune without an
    outline is in a random key. `tag_dropout` is the probability that a tune is learned without its
    tags, or without its outline, so that the model also learns to play unconditioned.
    """
    queue = [
        segments(transposed(melodies[i], shift), styles, length, kinds)
        for i, shift in _visits(melodies, balance, rng)
    ]
    lanes: list[list[Segment]] = [[] for _ in range(rows)]
    tag_count = len(styles) + len(BARS) + len(MODES) + len(kinds)
    while queue or any(lanes):
        cold = np.zeros(rows, bool)
        for row in range(rows):
            if not lanes[row] and queue:
                lanes[row] = queue.pop()[::-1]
                alone = lanes[row][-1].alone
                cold[row] = rng.random() < 0.5 or alone
                if rng.random() < tag_dropout:
                    for segment in lanes[row]:
                        _forget(segment)
        yield _pad([lane.pop() if lane else None for lane in lanes], cold, length, tag_count)


def transposed(melody: Melody, semitones: int) -> Melody:
    """Return the melody in another key; unchanged if that leaves the octaves of the vocabulary.

    A tune with an outline stays in C.
    """
    if semitones == 0 or melody.outline is not None:
        return melody
    tokens = melody.tokens.astype(np.int64)
    notes = tokens[:, 0] != REST
    pitch = tokens[notes, 0] + 12 * tokens[notes, 1] + semitones
    if ((pitch < 0) | (pitch >= 12 * REST_OCTAVE)).any():
        return melody
    tokens[notes, 0], tokens[notes, 1] = pitch % 12, pitch // 12
    return dataclasses.replace(melody, tokens=tokens.astype(np.uint8))


def _visits(
    melodies: Sequence[Melody], balance: float, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Return the index of a melody and its transposition in semitones, for each visit at random."""
    sizes = Counter[str]()
    for melody in melodies:
        sizes[melody.style] += len(melody.tokens)
    largest = max(sizes.values())
    times = np.array([(largest / sizes[m.style]) ** (1 - balance) for m in melodies])
    whole = np.floor(times + rng.random(len(times))).astype(int)
    visits = [
        (i, 0 if visit == 0 else int(rng.integers(-5, 7)))
        for i, count in enumerate(whole)
        for visit in range(count)
    ]
    return [visits[i] for i in rng.permutation(len(visits))]


def _pad(row: Sequence[Segment | None], cold: NDArray[np.bool_], length: int, s: int) -> Batch:
    """Return segments side by side, padded to `length` events, with `s` tags."""
    b = len(row)
    tokens = np.zeros((length, b, 3), np.int64)
    previous = np.zeros((length, b, 3 + motif.COLUMNS + bar_memory.COLUMNS), np.int64)
    position = np.zeros((length, b), np.int64)
    mask = np.zeros((length, b), bool)
    tags = np.zeros((b, s), np.float32)
    context = np.zeros((length, b, outline_context.WIDTH), np.float32)
    for i, segment in enumerate(row):
        if segment is not None:
            n = len(segment.tokens)
            tokens[:n, i], previous[:n, i] = segment.tokens, segment.previous
            position[:n, i], mask[:n, i], tags[i] = segment.position, True, segment.tags
            context[:n, i] = segment.context
    arrays = (tokens, previous, position, mask, tags, cold, context)
    return Batch(*(torch.from_numpy(a) for a in arrays))
