"""The composing strategy: what differs between the kinds of voices; the rest is the composer's.

A melody is composed event by event (`melody.strategy`), several parts frame by frame
(`polyphony.strategy`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np

from stream.compose.filter.entropy import NoteSeries
from stream.compose.filter.selection import Rules
from stream.compose.melody.priming import PhraseEnd
from stream.compose.phrase_context import PhraseContext
from stream.compose.step import StepState
from stream.compose.tune_plan import TunePlan
from stream.music.note import Note, PhraseRequest
from stream.voices.spec import StyleSpec


class Candidates(Protocol):
    """The candidates for a phrase, K of them."""

    @property
    def end_states(self) -> tuple[StepState, ...]:
        """The state at the end of each candidate."""

    def __len__(self) -> int: ...


T = TypeVar("T", bound=Candidates)


class Strategy(Protocol[T]):
    """The strategy for one kind of voice."""

    def style_fault(self, style: StyleSpec) -> str:
        """Return what is wrong with a style of the voice; empty if nothing is."""

    def context(
        self, request: PhraseRequest, plan: TunePlan, end: PhraseEnd | None
    ) -> PhraseContext:
        """Return where the phrase begins; `end` is the stored end of the phrase before, if any."""

    def sample(self, context: PhraseContext, rng: np.random.Generator) -> T:
        """Return K candidates for what is new in the phrase."""

    def melodies(self, context: PhraseContext, candidates: T) -> list[NoteSeries]:
        """Return the notes of each candidate: pitch, and length in twelfths of a unit."""

    def rules(
        self, context: PhraseContext, candidates: T, melodies: Sequence[NoteSeries]
    ) -> list[Rules]:
        """Return the rules of each candidate."""

    def features(self, context: PhraseContext, candidates: T) -> list[dict[str, float]]:
        """Return each candidate's features that the filter can test; NaN without a value."""

    def notes(
        self, context: PhraseContext, candidates: T, k: int, at: int
    ) -> tuple[tuple[Note, ...], int]:
        """Return candidate `k` as notes from 0, and its length in ticks.

        It begins `at` ticks into the phrase.
        """

    def update_history(self, context: PhraseContext, notes: Sequence[Note], length: int) -> None:
        """Store the phrase, of `length` ticks, so that no later tune repeats it."""
