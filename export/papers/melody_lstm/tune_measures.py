"""What the net that hears whole tunes knows of the next segment, and of the chord under it.

The same segments are told as by the models of windows: all but the first 32 of each tune.
Conventions as in `export.papers.melody_lstm.tune_model`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from export.models.ngram import Floats
from export.papers.melody_lstm.measures import Told as Figures
from export.papers.melody_lstm.measures import chosen, together, told
from export.papers.melody_lstm.recall import SOURCES, Listener
from export.papers.melody_lstm.segments import PITCHES, SEGMENTS, WINDOW, Ints
from export.papers.melody_lstm.tune_batches import (
    NOBODY,
    Score,
    batches,
    told_of,
    unharmonised,
    wanted_of,
)
from export.papers.melody_lstm.tune_model import MEASURES, Told, TuneModel

ROWS = 32


@torch.no_grad()
def predictions(
    model: TuneModel, scores: Sequence[Score]
) -> Iterator[tuple[tuple[Floats, Ints], tuple[Floats, Ints]]]:
    """Batch by batch: distributions and what came, of the melody and of the chords."""
    for batch in batches(scores, ROWS, None):
        inputs, wanted = told_of(batch), wanted_of(batch)
        context, _ = model.listen(inputs, model.initial(len(batch)))
        there = wanted[..., 0] != NOBODY
        there[:WINDOW] = False
        if there.any():
            heads = (model.melody_logits(context, inputs), model.chord_logits(context, inputs))
            melody, chord = (
                (logits[there].double().softmax(-1).numpy(), wanted[..., i][there].numpy())
                for i, logits in enumerate(heads)
            )
            yield melody, chord


def measured(model: TuneModel, scores: Sequence[Score]) -> tuple[Figures, Figures]:
    """Of the melody, and of the chords given the melody so far and the chords before."""
    melody, chord = [], []
    for heard, under in predictions(model, scores):
        melody.append(told(*heard))
        chord.append(told(*under))
    return together(melody), together(chord)


@torch.no_grad()
def free_run_match(
    model: TuneModel, stretches: Ints, metres: Ints, rng: np.random.Generator | None
) -> float:
    """Return `measures.free_run_match` of tunes [N, 64] that are heard from their beginning."""
    listeners = [Listener(source, len(stretches), PITCHES) for source in SOURCES]
    state = model.initial(len(stretches))
    before, right = np.full(len(stretches), PITCHES), []
    for i in range(2 * WINDOW):
        votes = np.stack([listener.votes() for listener in listeners], 1)
        now = _now(before, i, metres, votes)
        context, state = model.listen(now, state)
        if i < WINDOW:
            before = stretches[:, i]
        else:
            likely = model.melody_logits(context, now)[0].double().softmax(-1).numpy()
            before = chosen(likely, None if rng is None else rng.random(len(likely)))
            right.append(before == stretches[:, i])
        for listener in listeners:
            listener.hear(before)
    return float(np.mean(right))


def _now(before: Ints, i: int, metres: Ints, votes: Floats) -> Told:
    """Inputs of the melody at segment i; there is no chord."""
    where = np.stack(np.broadcast_arrays(i % SEGMENTS, metres, i // SEGMENTS % MEASURES), -1)
    none = torch.empty(0)
    return Told(
        torch.from_numpy(before)[None], torch.from_numpy(where.copy())[None],
        torch.from_numpy(votes).float()[None], none, none, none,
    )  # fmt: skip


@torch.no_grad()
def harmonised(model: TuneModel, scores: Sequence[Score]) -> list[Ints]:
    """The chords [T] that the net lays under each melody, told of no chord: the likeliest."""
    told = unharmonised(told_of(scores), torch.ones(len(scores), dtype=torch.bool))
    context, _ = model.listen(told, model.initial(len(scores)))
    found = model.chord_logits(context, told).argmax(-1).numpy()
    return [row[: len(s)] for row, s in zip(found.T, scores, strict=True)]


def harmony_match(model: TuneModel, scores: Sequence[Score]) -> float:
    """The share of segments, but the first 32 of each tune, whose own chord is the tune's."""
    right = [
        (own == score.chord)[WINDOW:]
        for batch in batches(scores, ROWS, None)
        for own, score in zip(harmonised(model, batch), batch, strict=True)
    ]
    return float(np.concatenate(right).mean())
