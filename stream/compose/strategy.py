"""What differs between the kinds of voices: how one of them is heard, sampled, judged and written.

All else is the composer's. A melody is composed event by event (`melodic`), several parts frame by
frame (`polyphony.polyphonic`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np

from stream.compose.filter.entropy import Melody
from stream.compose.filter.selection import Rules
from stream.compose.melody.priming import End
from stream.compose.phrase_context import PhraseContext
from stream.compose.step import StepState
from stream.compose.tune_plan import TunePlan
from stream.music.note import Note, PhraseRequest
from stream.voices.spec import StyleSpec


class Candidates(Protocol):
    """K candidates for a phrase."""

    @property
    def memories(self) -> tuple[StepState, ...]:
        """Where each of them ended."""

    def __len__(self) -> int: ...


T = TypeVar("T", bound=Candidates)


class Strategy(Protocol[T]):
    """One kind of voice at work."""

    def strange(self, style: StyleSpec) -> str:
        """What is wrong with a style of the voice; empty: nothing."""

    def situation(self, request: PhraseRequest, where: TunePlan, end: End | None) -> PhraseContext:
        """Where the phrase begins; `end` is that of the phrase before, if it is remembered."""

    def sample(self, now: PhraseContext, rng: np.random.Generator) -> T:
        """K candidates for what is new in the phrase."""

    def melodies(self, now: PhraseContext, takes: T) -> list[Melody]:
        """The notes of each: pitch and length in twelfths of a unit."""

    def rules(self, now: PhraseContext, takes: T, melodies: Sequence[Melody]) -> list[Rules]:
        """What is tested of each."""

    def features(self, now: PhraseContext, takes: T) -> list[dict[str, float]]:
        """What the filter could test of each; NaN where there is too little of it."""

    def notes(self, now: PhraseContext, takes: T, k: int, at: int) -> tuple[tuple[Note, ...], int]:
        """One of them as notes, from 0, and its length in ticks; `at` ticks into the phrase."""

    def hear(self, now: PhraseContext, notes: Sequence[Note], length: int) -> None:
        """Remember the phrase, of `length` ticks, so that no later tune repeats it."""
