"""The poster's recurrent nets: many to one, from windows of 32 segments to the one after.

Each window begins with a state of zeros, and the output is read after its last segment.
Conventions: W windows, T segments, B rows, C classes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.models.ngram import Floats
from export.papers.melody_lstm.segments import PITCHES, REST, WINDOW, Ints, pieces, windows
from export.training.plan import Plan
from export.training.task import Batch, Epoch, Loss, Task
from export.training.trainer import trained_by
from stream.errors import SettingsError

CELLS: Final = {"rnn": nn.RNN, "lstm": nn.LSTM}
"""`rnn` is h = tanh(W h + U x)."""
FORMS: Final = ("sequence", "window")
VIEWS: Final = ("pitch", "interval")
"""`interval`: of each segment also how far it is from the pitch before, and of what follows also
how far it is from the last one. Both are told by the pitches of the window, and by nothing else."""
BATCHES: Final = {"sequence": 32, "window": 256}
"""Pieces or windows a batch."""
PIECE: Final = 2 * WINDOW
"""Segments of a piece, so that contexts as long as a window's are as many as shorter ones."""
PRECISIONS: Final = ("bfloat16", "float32")
OTHER_KEYS: Final = 6
"""Semitones up and down."""
INTERVALS: Final = 2 * PITCHES + 1
NOTHING: Final = -100
"""Marks places that are not predicted."""


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """What is trained, and how. Raises `SettingsError` for what there is not."""

    cell: str = "lstm"
    view: str = "pitch"
    form: str = "sequence"
    """`window`: every window, read at its end. `sequence`: tunes cut into pieces at places drawn
    anew for each epoch, and read at every segment: the same conditional at a 32nd of the cost,
    from contexts of 1 to 64 segments instead of 32."""
    hidden: int = 192
    embedding: int = 32
    drop_input: float = 0.1
    drop_state: float = 0.3
    drop_output: float = 0.3
    """Shares that are dropped while training: of what goes into the cell and of what comes out of
    it (the same for all segments of a piece), and of the weights from state to state."""
    moved: float = 0.0
    """Share of the tunes that are in another key in an epoch, by a draw anew for each."""
    average: float = 0.995
    """Share of the averaged weights kept at each step; the average is what is asked."""
    epochs: int = 50
    rate: float = 3e-3
    """Of AdamW, in the first epoch; it falls to nothing along a cosine."""
    precision: str = "bfloat16"
    """Of the products while training; all is asked in float32."""
    seed: int = 1

    def __post_init__(self) -> None:
        for name, known in (
            ("cell", CELLS),
            ("view", VIEWS),
            ("form", FORMS),
            ("precision", PRECISIONS),
        ):
            if getattr(self, name) not in known:
                raise SettingsError(
                    f"--{name} {getattr(self, name)}: must be among {', '.join(known)}"
                )


class WindowModel(nn.Module):
    """p(class | the window so far)."""

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
        """Logits [T, B, C] of what follows each segment of windows [T, B]."""
        plan, weights = self.plan, dict(self.cell.named_parameters())
        if self.training:
            weights["weight_hh_l0"] = F.dropout(weights["weight_hh_l0"], plan.drop_state)
        x, last = self.embedding(segments), latest(segments)
        if plan.view == "interval":
            x = x + self.intervals(between(segments, F.pad(last[:-1], (0, 0, 1, 0))))
        x = self._thinned(x, plan.drop_input)
        hidden: Tensor = torch.func.functional_call(self.cell, weights, (x,))[0]
        hidden = self._thinned(hidden, plan.drop_output)
        logits: Tensor = self.output(hidden)
        if plan.view == "interval":
            at = between(torch.arange(PITCHES), last[..., None])
            logits = logits + torch.gather(self.leaps(hidden), -1, at)
        return logits

    def _thinned(self, x: Tensor, share: float) -> Tensor:
        """[T, B, H] without that share of its columns, while training."""
        return x * F.dropout(x.new_ones(1, *x.shape[1:]), share, self.training)

    @torch.no_grad()
    def distributions(self, contexts: Ints) -> Floats:
        """Return the distributions [M, C] after windows [M, T]."""
        logits = self(torch.from_numpy(np.ascontiguousarray(contexts.T)))[-1]
        return logits.double().softmax(1).numpy()


def latest(segments: Tensor) -> Tensor:
    """[T, B] the pitch that sounded last up to each of segments [T, B]; REST: none yet."""
    at = torch.arange(len(segments))[:, None]
    return torch.gather(segments, 0, torch.where(segments != REST, at, 0).cummax(0).values)


def between(segments: Tensor, before: Tensor) -> Tensor:
    """Class of the interval from one to the other; the last one where either is a rest."""
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
        segments, wanted = batch.content
        counted = wanted != NOTHING
        with torch.autocast("cpu", torch.bfloat16, enabled=self.plan.precision == "bfloat16"):
            logits = self.model(segments)[-len(wanted) :][counted]
        mean = F.cross_entropy(logits.float(), wanted[counted])
        return Loss(mean, float(mean.detach()) * len(logits), len(logits))


def train(
    plan: WindowPlan, rows: Sequence[Ints], after: Callable[[int, float], None] | None = None
) -> WindowModel:
    """Return a model trained on the tunes; `after` gets the epochs done and their log-loss."""
    steps = Plan(
        epochs=plan.epochs, rate=plan.rate, average=plan.average, seed=plan.seed,
        patience=plan.epochs, warm_up=0.0, last_rate=0.0,
    )  # fmt: skip
    trained: WindowModel = trained_by(WindowTask(plan, rows), steps, after)
    return trained


def _moved(row: Ints, share: float, rng: np.random.Generator) -> Ints:
    """A tune, perhaps in another key, if that is within the alphabet."""
    if share == 0 or rng.random() >= share:
        return row
    other = np.where(row == REST, REST, row + rng.integers(-OTHER_KEYS, OTHER_KEYS + 1))
    inside = (row == REST) | ((other > REST) & (other < PITCHES))
    return other if inside.all() else row


def _sequences(rows: Sequence[Ints], rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of pieces [T, B], and what follows each of their segments [T, B]."""
    found = [p for r in rows for p in pieces(r, PIECE, int(rng.integers(PIECE))) if len(p) > 1]
    for at in _drawn(len(found), BATCHES["sequence"], rng):
        segments = np.zeros((PIECE, len(at)), np.int64)
        wanted = np.full((PIECE, len(at)), NOTHING)
        for row, i in enumerate(at):
            n = len(found[i]) - 1
            segments[:n, row], wanted[:n, row] = found[i][:-1], found[i][1:]
        yield torch.from_numpy(segments), torch.from_numpy(wanted)


def _windows(rows: Sequence[Ints], rng: np.random.Generator) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of windows [T, B], and what follows each [1, B]."""
    contexts, came = windows(rows)
    for at in _drawn(len(came), BATCHES["window"], rng):
        yield (
            torch.from_numpy(np.ascontiguousarray(contexts[at].T)),
            torch.from_numpy(came[at][None]),
        )


def _drawn(count: int, size: int, rng: np.random.Generator) -> Iterator[Ints]:
    """Numbers below `count` in random order, `size` at a time."""
    order = rng.permutation(count)
    for at in range(0, count, size):
        yield order[at : at + size]
