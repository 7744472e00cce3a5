"""The place of tunes in a voice: the tags and the latent point at which it explains them best.

The score of a place is the mean of the bits of each event of the tunes, each read with its own
outline, as the voice was trained; many places are scored at a time in the batch of the step.

Conventions: P places, R tunes, T events of the longest one, Z latent width, S tags.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.outline import Outline
from stream.compose.melody.outline_context import WIDTH, OutlineContext
from stream.compose.melody.returns import onsets
from stream.compose.melody.vocabulary import REST
from stream.compose.step import Point, Step
from stream.compose.tunes.tune import Melody
from stream.errors import CorpusError

Floats = NDArray[np.float64]
ROWS = 96
"""Most rows of a batch."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a voice."""

    latent: Floats
    """Latent point [Z]."""
    tags: Mapping[str, float]
    """Weights of the tags that a tune's plan does not set."""


def row_of(step: Step, place: Place, outline: Outline) -> NDArray[np.float32]:
    """Return the weights of all tags [S] for a tune with this outline at a place."""
    tags = dict(place.tags)
    tags |= {f"bar:{outline.bar}": 1.0, f"mode:{outline.mode}": 1.0, f"kind:{outline.kind}": 1.0}
    return np.array([tags.get(tag, 0.0) for tag in step.spec.tags], np.float32)


def outline_of(melody: Melody) -> Outline:
    """Return the outline of a tune. Raises `CorpusError` without one."""
    if melody.outline is None:
        raise CorpusError(f"{melody.title}: is not written strain by strain")
    return melody.outline


def contexts(melody: Melody, most: int) -> NDArray[np.float32]:
    """Return the contexts [n, WIDTH] of the first events of a tune."""
    tokens = melody.tokens
    found = OutlineContext(outline_of(melody)).of(onsets(tokens)[:-1], tokens[:, 0] != REST)
    return np.asarray(found[:most], np.float32)


def bits(
    step: Step, melodies: Sequence[Melody], places: Sequence[Place], most: int = 10_000
) -> Floats:
    """Return the mean bits [P] of an event of the tunes, `most` of each, at each place."""
    pairs = [(place, melody) for place in range(len(places)) for melody in melodies]
    pairs.sort(key=lambda pair: min(len(pair[1].tokens), most))
    total, events = np.zeros(len(places)), np.zeros(len(places))
    for first in range(0, len(pairs), ROWS):
        some = pairs[first : first + ROWS]
        read = _read(step, [m for _, m in some], [places[p] for p, _ in some], most)
        for (place, _), own in zip(some, read, strict=True):
            total[place] += own.sum()
            events[place] += len(own)
    return np.asarray(total / np.maximum(events, 1))


def _read(
    step: Step, melodies: Sequence[Melody], places: Sequence[Place], most: int
) -> Iterator[Floats]:
    """Yield the bits of the events of each tune at its place; shorter ones repeat their last."""
    rows = len(melodies)
    counts = [min(len(m.tokens), most) for m in melodies]
    tokens = np.zeros((max(counts), rows, 3), np.int64)
    context = np.zeros((max(counts), rows, WIDTH), np.float32)
    for row, (melody, count) in enumerate(zip(melodies, counts, strict=True)):
        tokens[:count, row] = melody.tokens[:count]
        tokens[count:, row] = melody.tokens[count - 1]
        context[:count, row] = contexts(melody, count)
    latent = np.array([place.latent for place in places], np.float32)
    tags = np.stack([row_of(step, p, outline_of(m)) for p, m in zip(places, melodies, strict=True)])
    state, still = step.initial().tiled(rows), np.zeros((rows, step.spec.noise), np.float32)
    found = np.zeros((max(counts), rows))
    for now, (given, forced) in enumerate(zip(context, tokens, strict=True)):
        event = step(state, Point(latent, tags, context=given), still, forced)
        state, found[now] = event.state, event.log_prob / -math.log(2)
    for row, count in enumerate(counts):
        yield found[:count, row]
