"""Bits that a voice needs for each event of real tunes, when it has read the events before.

A voice that knows outlines is also read with less than it is used to: with the chords alone, as in
a share of its training, and with nothing, which it has never met. A forgotten outline points to no
earlier bar.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.music.corpora import tags_of
from export.corpus.dataset import contexts, tag_vector
from stream.compose.melody.outline_context import SLICES
from stream.compose.melody.vocabulary import TWELFTHS
from stream.compose.step import Point, Step
from stream.compose.tunes.tune import Melody
from stream.voices.spec import VoiceSpec

ROWS = 128
"""Tunes that are read at a time."""
OUTLINE, CHORDS, NOTHING = "told the outline", "told the chords", "told nothing"

Floats = NDArray[np.float64]
Context = NDArray[np.float32]


def told(spec: VoiceSpec) -> dict[str, Context]:
    """Return the weights [C] of the context, by what the voice is told of a tune."""
    if not spec.context:
        return {NOTHING: np.zeros(0, np.float32)}
    chords = np.zeros(spec.context, np.float32)
    chords[SLICES["chords"]] = 1
    return {OUTLINE: np.ones_like(chords), CHORDS: chords, NOTHING: np.zeros_like(chords)}


def voice_bits(step: Step, melodies: Sequence[Melody], weights: Context) -> list[Floats]:
    """Return the bits of each event of each melody, from a fresh state at its style's mean.

    `weights` [C] of the context are 0 for what the voice is not told.
    """
    found: list[Floats] = [np.empty(0)] * len(melodies)
    by_length = sorted(range(len(melodies)), key=lambda i: len(melodies[i].tokens))
    for first in range(0, len(melodies), ROWS):
        chosen = by_length[first : first + ROWS]
        some = [melodies[i] for i in chosen]
        for i, read in zip(chosen, _read(step, some, weights), strict=True):
            found[i] = read
    return found


def _read(step: Step, melodies: Sequence[Melody], weights: Context) -> list[Floats]:
    """Return the same for a few melodies in parallel; shorter ones repeat their last event."""
    k, longest, spec = len(melodies), max(len(m.tokens) for m in melodies), step.spec
    latent = np.array([spec.styles[m.style].mean for m in melodies], np.float32)
    sorts = tags_of(spec, "style"), tags_of(spec, "kind")
    tags = np.array([tag_vector(m, *sorts) for m in melodies])
    state, silence = step.initial().tiled(k), np.zeros((k, 3), np.float32)
    given = [_contexts(m) * weights for m in melodies] if spec.context else []
    found = np.zeros((longest, k))
    for now in range(longest):
        at = [min(now, len(m.tokens) - 1) for m in melodies]
        events = np.array([m.tokens[i] for m, i in zip(melodies, at, strict=True)], np.int64)
        context = np.array([c[i] for c, i in zip(given, at, strict=True)]) if given else None
        event = step(state, Point(latent, tags, context=context), silence, events)
        state, found[now] = event.state, event.log_prob / -math.log(2)
    return [found[: len(m.tokens), row] for row, m in enumerate(melodies)]


def _contexts(melody: Melody) -> Context:
    """Return the outline at each event [events, C]."""
    lengths = np.array(TWELFTHS)[melody.tokens[:, 2]]
    return contexts(melody, np.cumsum(lengths) - lengths)
