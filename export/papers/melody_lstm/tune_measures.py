"""Measures of the net that reads whole tunes: the next segment, and the chord under it.

The same segments are predicted as by the models of windows: all but the first 32 of each tune.
Conventions as in `export.papers.melody_lstm.tune_model`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from export.models.ngram import Floats
from export.papers.melody_lstm.measures import Metrics, chosen, metrics, pooled
from export.papers.melody_lstm.recall import SOURCES, RunningVotes
from export.papers.melody_lstm.segments import PITCHES, SEGMENTS, WINDOW, Ints
from export.papers.melody_lstm.tune_batches import (
    PADDED,
    Score,
    batches,
    inputs_of,
    targets_of,
    without_chords,
)
from export.papers.melody_lstm.tune_model import MEASURES, TuneInputs, TuneModel

ROWS = 32


@torch.no_grad()
def predictions(
    model: TuneModel, scores: Sequence[Score]
) -> Iterator[tuple[tuple[Floats, Ints], tuple[Floats, Ints]]]:
    """Yield distributions and targets of the melody and of the chords, batch by batch."""
    for batch in batches(scores, ROWS, None):
        inputs, targets = inputs_of(batch), targets_of(batch)
        context, _ = model.listen(inputs, model.initial(len(batch)))
        there = targets[..., 0] != PADDED
        there[:WINDOW] = False
        if there.any():
            heads = (model.melody_logits(context, inputs), model.chord_logits(context, inputs))
            melody, chord = (
                (logits[there].double().softmax(-1).numpy(), targets[..., i][there].numpy())
                for i, logits in enumerate(heads)
            )
            yield melody, chord


def measured(model: TuneModel, scores: Sequence[Score]) -> tuple[Metrics, Metrics]:
    """Return the metrics of the melody, and of the chords given melody and chords so far."""
    melody, chord = [], []
    for above, under in predictions(model, scores):
        melody.append(metrics(*above))
        chord.append(metrics(*under))
    return pooled(melody), pooled(chord)


@torch.no_grad()
def free_run_match(
    model: TuneModel, stretches: Ints, meters: Ints, rng: np.random.Generator | None
) -> float:
    """Return `measures.free_run_match` of tunes [N, 64] that are read from their beginning."""
    recalls = [RunningVotes(source, len(stretches), PITCHES) for source in SOURCES]
    state = model.initial(len(stretches))
    before, right = np.full(len(stretches), PITCHES), []
    for i in range(2 * WINDOW):
        votes = np.stack([recall.votes() for recall in recalls], 1)
        now = _now(before, i, meters, votes)
        context, state = model.listen(now, state)
        if i < WINDOW:
            before = stretches[:, i]
        else:
            likely = model.melody_logits(context, now)[0].double().softmax(-1).numpy()
            before = chosen(likely, None if rng is None else rng.random(len(likely)))
            right.append(before == stretches[:, i])
        for recall in recalls:
            recall.observe(before)
    return float(np.mean(right))


def _now(before: Ints, i: int, meters: Ints, votes: Floats) -> TuneInputs:
    """Return the inputs of the melody's head at segment i, without chords."""
    where = np.stack(np.broadcast_arrays(i % SEGMENTS, meters, i // SEGMENTS % MEASURES), -1)
    none = torch.empty(0)
    return TuneInputs(
        torch.from_numpy(before)[None], torch.from_numpy(where.copy())[None],
        torch.from_numpy(votes).float()[None], none, none, none,
    )  # fmt: skip


@torch.no_grad()
def harmonize(model: TuneModel, scores: Sequence[Score]) -> list[Ints]:
    """Return the likeliest chords [T] under each melody, given no chord of the tune."""
    metrics = without_chords(inputs_of(scores), torch.ones(len(scores), dtype=torch.bool))
    context, _ = model.listen(metrics, model.initial(len(scores)))
    found = model.chord_logits(context, metrics).argmax(-1).numpy()
    return [row[: len(s)] for row, s in zip(found.T, scores, strict=True)]


def harmony_match(model: TuneModel, scores: Sequence[Score]) -> float:
    """Return the share of segments after the first 32 where `harmonize` finds the tune's chord."""
    right = [
        (own == score.chord)[WINDOW:]
        for batch in batches(scores, ROWS, None)
        for own, score in zip(harmonize(model, batch), batch, strict=True)
    ]
    return float(np.concatenate(right).mean())
