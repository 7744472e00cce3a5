"""Candidates for one phrase, sampled event by event in one batch."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream.compose.forcing import state_after
from stream.compose.melody.vocabulary import PERIOD, REST, SIZES, TWELFTHS, decode_pitch
from stream.compose.step import Floats, Ints, Point, Step, StepState

LENGTHS = np.array(TWELFTHS)
PITCHES = np.array([[decode_pitch(pc, octave) for octave in range(SIZES[1])] for pc in range(REST)])
"""MIDI numbers by pitch class and octave."""
MAX_EVENTS = 1024
"""Most events of a phrase: one of the shortest notes ends before, a faulty model ends here."""


@dataclass(frozen=True, slots=True)
class MelodyCandidates:
    """The candidates: K runs of events, each at least `target` twelfths of a unit long."""

    tokens: Ints
    """Tokens [T, K, 3]; those beyond a candidate's own count are to be ignored."""
    counts: Ints
    """Events [K] of each candidate."""
    elapsed: Ints
    """Twelfths [K] of each candidate."""
    target: int
    """Twelfths requested."""
    end_states: tuple[StepState, ...]
    """State at the end of each candidate: choosing a candidate chooses the state."""

    def __len__(self) -> int:
        return len(self.counts)

    def events(self, k: int) -> Ints:
        """Return the tokens [n, 3] of one candidate."""
        return self.tokens[: self.counts[k], k]

    def silences(self, k: int) -> list[int]:
        """Return the twelfths of each rest of a candidate in order, and 0 for each note."""
        events = self.events(k)
        lengths: list[int] = np.where(events[:, 0] == REST, LENGTHS[events[:, 2]], 0).tolist()
        return lengths

    def overshoot(self, k: int) -> int:
        """Return the twelfths beyond the target."""
        return int(self.elapsed[k]) - self.target

    def melody(self, k: int) -> tuple[Ints, Ints]:
        """Return pitch [n] and length [n] in twelfths of a candidate's notes, without rests."""
        return melody_of(self.events(k))


def melody_of(events: Ints) -> tuple[Ints, Ints]:
    """Return pitch [n] and length [n] in twelfths of the notes among events [..., 3]."""
    notes = events[events[:, 0] != REST]
    return decode_pitches(notes), LENGTHS[notes[:, 2]]


def decode_pitches(notes: Ints) -> Ints:
    """Return MIDI numbers [...] of note tokens [..., 3], as `decode_pitch` does."""
    return PITCHES[notes[..., 0], notes[..., 1]]


def sample(
    step: Step, start: StepState, point: Point, target: int, rng: np.random.Generator
) -> MelodyCandidates:
    """Compose until every candidate is at least `target` twelfths long.

    `start` and `point` hold K candidates. The generator is drawn from in a fixed order: the same
    generator state gives the same candidates.
    """
    k = len(start.token)
    state = start
    rows: list[Ints] = []
    elapsed, counts = np.zeros(k, np.int64), np.zeros(k, np.int64)
    ends: list[StepState | None] = [None] * k
    while len(rows) < MAX_EVENTS and (elapsed < target).any():
        playing = elapsed < target
        output = step(state, point, noise(rng, k))
        state = output.state
        rows.append(state.token)
        elapsed += np.where(playing, LENGTHS[state.token[:, 2]], 0)
        counts += playing
        for i in np.flatnonzero(playing & (elapsed >= target)):
            ends[i] = state.row(int(i))
    end_states = tuple(end or state.row(i) for i, end in enumerate(ends))
    return MelodyCandidates(np.stack(rows), counts, elapsed, target, end_states)


def noise(rng: np.random.Generator, candidates: int) -> Floats:
    """Return uniform numbers [K, 3] for one step."""
    return rng.random((candidates, 3), np.float32)


def prime(
    step: Step, events: Sequence[tuple[int, int, int]], point: Point, position: int = 0
) -> StepState:
    """Return the state of a voice that has just played `events` (at least one).

    `point` has K = 1. The metric position, the last state, is set so that it ends at `position`, in
    twelfths since a bar line.
    """
    total = sum(TWELFTHS[duration] for *_, duration in events)
    *states, metric_position = step.initial().states
    start_states: tuple[NDArray[Any], ...] = (
        *states,
        np.full_like(metric_position, position - total) % PERIOD,
    )
    tokens = np.array(events, np.int64)
    return state_after(
        step, StepState(tokens[:1], start_states), tokens[1:], itertools.repeat(point)
    )
