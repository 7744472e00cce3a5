"""The two halves of the comparison: the tunes that are learnt, and those that are not."""

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
"""By `measure/split`."""


@dataclass
class Part:
    """The tunes of a split, and what is made of them when it is asked for."""

    name: str
    leads: Sequence[Lead]
    every: int = 1
    """Of the windows, those that are asked for: one of so many."""

    @cached_property
    def rows(self) -> list[Ints]:
        return [lead.pitch for lead in self.leads]

    @cached_property
    def windows(self) -> tuple[Ints, Ints]:
        """What is asked, and what follows."""
        contexts, came = windows(self.rows)
        return contexts[:: self.every].copy(), came[:: self.every].copy()

    @cached_property
    def scores(self) -> list[Score]:
        return [score_of(lead) for lead in self.leads]

    @cached_property
    def starts(self) -> Ints:
        return starts(self.rows)

    @cached_property
    def metres(self) -> Ints:
        """Of the tunes in `starts`."""
        return np.array([lead.meter for lead in self.leads if len(lead) >= 2 * WINDOW], np.int64)

    def of_told(self, told: Metrics, head: str = "") -> Figures:
        """The two measures of one step."""
        return {
            f"{head}{LOSS}/{self.name}": told.log_loss,
            f"{head}{RIGHT}/{self.name}": told.one_step_accuracy,
        }

    def of_run(self, match: Callable[[np.random.Generator | None], float]) -> Figures:
        """The two measures of going on alone: sampled, and always the likeliest."""
        return {
            f"{MATCH}/{self.name}": match(np.random.default_rng(1)),
            f"{LIKELIEST}/{self.name}": match(None),
        }
