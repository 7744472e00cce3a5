"""The recurrent nets of paper 001: many to one, from windows of 32 segments to the next one.

    h_i = tanh(W_hh h_(i-1) + W_xh x_i), h_0 = 0, or an LSTM cell (see `export.models.cells.lstm`)
    p(v_33 | v_1 .. v_32) = softmax(V h_32 + b),  L = -mean ln p(v_33 | v_1 .. v_32)

Each window begins with a state of zeros, and the output is read after its last segment. Dropout on
the recurrent weights: Merity et al. 2018; the same mask for all segments: Gal & Ghahramani 2016.
Conventions: W windows, M contexts, T segments, B rows, C classes, H units; float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.models import validate
from export.models.ngram import Floats
from export.papers.melody_lstm.segments import PITCHES, REST, WINDOW, Ints, pieces, windows
from export.training.plan import Plan
from export.training.task import Batch, Epoch, Loss, Task
from export.training.trainer import trained_by

CELLS: Final = {"rnn": nn.RNN, "lstm": nn.LSTM}
"""Cells by name; `rnn` is h_i = tanh(W_hh h_(i-1) + W_xh x_i)."""
FORMS: Final = ("sequence", "window")
VIEWS: Final = ("pitch", "interval")
"""Representations of a segment. `interval` adds to the pitch of each segment its interval from the
pitch before, and to the logits one of each interval from the last pitch. Both follow from the
pitches of the window alone."""
BATCHES: Final = {"sequence": 32, "window": 256}
"""Pieces or windows of a batch."""
PIECE: Final = 2 * WINDOW
"""Segments of a piece: half of the contexts are as long as a window, half are shorter."""
PRECISIONS: Final = ("bfloat16", "float32")
OTHER_KEYS: Final = 6
"""Largest transposition, in semitones up or down."""
INTERVALS: Final = 2 * PITCHES + 1
NOTHING: Final = -100
"""Target of segments that are not predicted."""


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """Settings of the net and its training. Raises `SettingsError` for an unknown name."""

    cell: str = "lstm"
    view: str = "pitch"
    form: str = "sequence"
    """Form of the training data. `window`: every window, with a loss at its end. `sequence`: tunes
    cut into pieces at random places, anew for each epoch, with a loss at every segment: the same
    conditional at a 32nd of the cost, from contexts of 1 to 64 segments instead of 32."""
    hidden: int = 192
    embedding: int = 32
    drop_input: float = 0.1
    drop_state: float = 0.3
    drop_output: float = 0.3
    """Dropout rates: of the cell's input and output (one mask for all segments of a piece), and of
    the recurrent weights (`drop_state`)."""
    moved: float = 0.0
    """Share of the tunes that are transposed at random in an epoch."""
    average: float = 0.995
    """Weight of the averaged weights at each step; the average is the result."""
    epochs: int = 50
    rate: float = 3e-3
    """Learning rate of AdamW in the first epoch; it falls to 0 along a cosine."""
    decay: float = 0.01
    """Weight decay of AdamW."""
    precision: str = "bfloat16"
    """Type of the products in training; evaluation is in float32."""
    seed: int = 1

    def __post_init__(self) -> None:
        validate.choice(self, "cell", CELLS)
        validate.choice(self, "view", VIEWS)
        validate.choice(self, "form", FORMS)
        validate.choice(self, "precision", PRECISIONS)


class WindowModel(nn.Module):
    """The distribution p(class | the window so far)."""

    def __init__(self, plan: WindowPlan) -> None:
        super().__init__()
        self.embedding = nn.Embedding(PITCHES, plan.embedding)
        self.cell = CELLS[plan.cell](plan.embedding, plan.hidden)
        self.plan = plan
        self.output = nn.Linear(plan.hidden, PITCHES)
        if plan.view == "interval":
            self.intervals = nn.Embedding(INTERVALS, plan.embedding)
            self.leaps = nn.Linear(plan.hidden, INTERVALS)

    def forward(self, segments: Tensor) -> Tensor:
        """Return logits [T, B, C] of the class after each segment of windows int64 [T, B]."""
        plan, weights = self.plan, dict(self.cell.named_parameters())
        if self.training:
            weights["weight_hh_l0"] = F.dropout(weights["weight_hh_l0"], plan.drop_state)
        x, last = self.embedding(segments), latest(segments)  # [T, B, embedding], int64 [T, B]
        if plan.view == "interval":
            x = x + self.intervals(between(segments, F.pad(last[:-1], (0, 0, 1, 0))))
        x = self._dropped(x, plan.drop_input)
        hidden: Tensor = torch.func.functional_call(self.cell, weights, (x,))[0]  # [T, B, H]
        hidden = self._dropped(hidden, plan.drop_output)
        logits: Tensor = self.output(hidden)  # [T, B, C]
        if plan.view == "interval":
            at = between(torch.arange(PITCHES), last[..., None])  # int64 [T, B, C]
            logits = logits + torch.gather(self.leaps(hidden), -1, at)
        return logits

    def _dropped(self, x: Tensor, share: float) -> Tensor:
        """Return `x` [T, B, H] under a dropout mask [1, B, H], in training."""
        return x * F.dropout(x.new_ones(1, *x.shape[1:]), share, self.training)

    @torch.no_grad()
    def distributions(self, contexts: Ints) -> Floats:
        """Return the distributions, float64 [M, C], after windows [M, T]."""
        logits = self(torch.from_numpy(np.ascontiguousarray(contexts.T)))[-1]
        return logits.double().softmax(1).numpy()


def latest(segments: Tensor) -> Tensor:
    """Return the last pitch up to each of `segments` [T, B]; REST before the first."""
    at = torch.arange(len(segments))[:, None]
    return torch.gather(segments, 0, torch.where(segments != REST, at, 0).cummax(0).values)


def between(segments: Tensor, before: Tensor) -> Tensor:
    """Return the class of the interval from `before` to `segments`; the last class with a rest."""
    there = (segments != REST) & (before != REST)
    return torch.where(there, segments - before + PITCHES, INTERVALS - 1)


class WindowTask(Task[tuple[Tensor, Tensor]]):
    """The net and the tunes that it is trained on."""

    kind = "window"

    def __init__(self, plan: WindowPlan, rows: Sequence[Ints]) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.model, self._rows = plan, WindowModel(plan), rows

    def batches(self, epoch: Epoch) -> tuple[float, Iterator[tuple[Tensor, Tensor]]]:
        rows = [_moved(row, self.plan.moved, epoch.rng) for row in self._rows]
        form = {"sequence": _sequences, "window": _windows}[self.plan.form]
        return sum(map(len, rows)), form(rows, epoch.rng)

    def loss(self, batch: Batch[tuple[Tensor, Tensor]]) -> Loss:
        segments, targets = batch.content  # int64 [T, B] and [T, B] or [1, B]
        mask = targets != NOTHING
        with torch.autocast("cpu", torch.bfloat16, enabled=self.plan.precision == "bfloat16"):
            logits = self.model(segments)[-len(targets) :][mask]  # [N, C]
        mean = F.cross_entropy(logits.float(), targets[mask])
        return Loss(mean, float(mean.detach()) * len(logits), len(logits))


def train(
    plan: WindowPlan, rows: Sequence[Ints], after: Callable[[int, float], None] | None = None
) -> WindowModel:
    """Return a model trained on the tunes; `after` gets the epochs done and their log-loss."""
    trained: WindowModel = trained_by(WindowTask(plan, rows), steps_of(plan), after)
    return trained


def steps_of(plan: WindowPlan) -> Plan:
    """Return the trainer's part of a plan."""
    return Plan(
        epochs=plan.epochs, rate=plan.rate, average=plan.average, seed=plan.seed, decay=plan.decay,
        patience=plan.epochs, warm_up=0.0, last_rate=0.0,
    )  # fmt: skip


def _moved(row: Ints, share: float, rng: np.random.Generator) -> Ints:
    """Return a tune, perhaps in another key if that is within the range of pitches."""
    if share == 0 or rng.random() >= share:
        return row
    other = np.where(row == REST, REST, row + rng.integers(-OTHER_KEYS, OTHER_KEYS + 1))
    inside = (row == REST) | ((other > REST) & (other < PITCHES))
    return other if inside.all() else row


def _sequences(rows: Sequence[Ints], rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches of pieces [T, B], and the class after each of their segments [T, B]."""
    found = [p for r in rows for p in pieces(r, PIECE, int(rng.integers(PIECE))) if len(p) > 1]
    for at in _drawn(len(found), BATCHES["sequence"], rng):
        segments = np.zeros((PIECE, len(at)), np.int64)
        targets = np.full((PIECE, len(at)), NOTHING)
        for row, i in enumerate(at):
            n = len(found[i]) - 1
            segments[:n, row], targets[:n, row] = found[i][:-1], found[i][1:]
        yield torch.from_numpy(segments), torch.from_numpy(targets)


def _windows(rows: Sequence[Ints], rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield batches of windows [T, B], and the class after each window [1, B]."""
    contexts, came = windows(rows)
    for at in _drawn(len(came), BATCHES["window"], rng):
        yield (
            torch.from_numpy(np.ascontiguousarray(contexts[at].T)),
            torch.from_numpy(came[at][None]),
        )


def _drawn(count: int, size: int, rng: np.random.Generator) -> Iterator[Ints]:
    """Yield the numbers below `count` in random order, `size` at a time."""
    order = rng.permutation(count)
    for at in range(0, count, size):
        yield order[at : at + size]
