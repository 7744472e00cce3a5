"""The two parts of the comparison: training tunes and held-out tunes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmarks.melody.systems import LIKELIEST, LOSS, MATCH, RIGHT
from export.papers.melody_lstm.measures import Metrics, starts
from export.papers.melody_lstm.segments import WINDOW, Ints, Lead, windows
from export.papers.melody_lstm.tune_batches import Score, score_of

Figures = dict[str, float]
"""Figures by `measure/split`."""


@dataclass
class Part:
    """The tunes of a split, and data derived from them on demand."""

    name: str
    leads: Sequence[Lead]
    every: int = 1
    """Every so many windows one is measured."""

    @cached_property
    def rows(self) -> list[Ints]:
        return [lead.pitch for lead in self.leads]

    @cached_property
    def windows(self) -> tuple[Ints, Ints]:
        """Return the contexts, and the segment that follows each."""
        contexts, came = windows(self.rows)
        return contexts[:: self.every].copy(), came[:: self.every].copy()

    @cached_property
    def scores(self) -> list[Score]:
        return [score_of(lead) for lead in self.leads]

    @cached_property
    def starts(self) -> Ints:
        return starts(self.rows)

    @cached_property
    def meters(self) -> Ints:
        """Return the meters of the tunes in `starts`."""
        return np.array([lead.meter for lead in self.leads if len(lead) >= 2 * WINDOW], np.int64)

    def predictions(self, metrics: Metrics, head: str = "") -> Figures:
        """Return the two measures of one step."""
        return {
            f"{head}{LOSS}/{self.name}": metrics.log_loss,
            f"{head}{RIGHT}/{self.name}": metrics.one_step_accuracy,
        }

    def free_runs(self, match: Callable[[np.random.Generator | None], float]) -> Figures:
        """Return the two measures of the free run: sampled, and always the likeliest."""
        return {
            f"{MATCH}/{self.name}": match(np.random.default_rng(1)),
            f"{LIKELIEST}/{self.name}": match(None),
        }
