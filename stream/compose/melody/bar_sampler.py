"""Candidates for one phrase of a tune with an outline, sampled bar by bar.

At each bar line the K candidates are drawn anew from themselves: sequential
importance resampling (Gordon et al. 1993) with systematic draws (Kitagawa 1996), where a candidate
whose last bar has the penalty p (`bar_penalty`) has the weight exp(-p). A melody that has strayed
from its outline does not know where the next bar begins, and leaps there. In the response to a call
the weight is also that of voice and person mixed (`person`) relative to the voice's.

Conventions: K candidates; times in twelfths of a unit since the start of the phrase.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.bar_penalty import BarPenalty
from stream.compose.melody.guide import Guide, OutlineGuide
from stream.compose.melody.sampler import LENGTHS, MAX_EVENTS, MelodyCandidates, noise
from stream.compose.step import Floats, Ints, Point, Step, StepOutput, StepState

TRIES = 8
"""Times that a rest is sampled again where a note returns, before the note's own pitch is taken."""


def sample(
    step: Step,
    start: StepState,
    guide: OutlineGuide,
    penalty: BarPenalty,
    target: int,
    rng: np.random.Generator,
) -> MelodyCandidates:
    """Compose until every candidate is at least `target` twelfths long.

    `start` and `guide` hold K candidates. The same generator state gives the same candidates.
    """
    run = _Run(step, start, guide)
    for line in guide.bar_lines(target):
        run.play(line, rng)
        run.take(resampled(penalty(guide.tunes()) - guide.gains(), rng))
    return run.candidates(target)


def sample_freely(
    step: Step, start: StepState, guide: Guide, target: int, rng: np.random.Generator
) -> MelodyCandidates:
    """Compose the same without an outline: no candidate takes the place of another."""
    run = _Run(step, start, guide)
    run.play(target, rng)
    return run.candidates(target)


def resampled(penalties: NDArray[np.float64], rng: np.random.Generator) -> Ints:
    """Return the indices [K] of the candidates that go on, in rising order; penalties in nats."""
    weights = np.exp(penalties.min() - penalties)
    edges = np.cumsum(weights) / weights.sum()
    places = (rng.random() + np.arange(len(penalties))) / len(penalties)
    return np.minimum(np.searchsorted(edges, places, side="right"), len(penalties) - 1)


class _Run:
    """The candidates while they are composed."""

    def __init__(self, step: Step, start: StepState, guide: Guide) -> None:
        k = len(start.token)
        self._step, self._guide = step, guide
        self._state = start
        self._events: list[list[list[int]]] = [[] for _ in range(k)]
        self._elapsed, self._steps = np.zeros(k, np.int64), 0

    def play(self, line: int, rng: np.random.Generator) -> None:
        """Compose until all candidates have reached a bar line; those that have done so wait."""
        while self._steps < MAX_EVENTS and (self._elapsed < line).any():
            self._play_event(self._elapsed < line, rng)
            self._steps += 1

    def _play_event(self, playing: NDArray[np.bool_], rng: np.random.Generator) -> None:
        point, force = self._guide.step(self._elapsed)
        drawn = noise(rng, len(playing))
        output = self._step(self._state, point, drawn, force)
        if self._guide.recalls:
            output = self._recalled(output, playing, (point, drawn, force), rng)
        tokens = output.state.token
        self._state = output.state.where(playing, self._state)
        self._guide.weigh(playing, output)
        self._guide.update(playing, self._elapsed, tokens)
        self._elapsed = self._elapsed + np.where(playing, LENGTHS[tokens[:, 2]], 0)
        for k in np.flatnonzero(playing):
            self._events[k].append(tokens[k].tolist())

    def _recalled(
        self,
        output: StepOutput,
        playing: NDArray[np.bool_],
        inputs: tuple[Point, Floats, Ints],
        rng: np.random.Generator,
    ) -> StepOutput:
        """Return the output once notes sound where notes return, and pitches are those that return.

        `inputs` are the point, the noise and the forced tokens of the output so far.
        """
        point, drawn, force = inputs
        for _ in range(TRIES):
            silent = self._guide.silent(output.state.token) & playing
            if not silent.any():
                break
            drawn = np.where(silent[:, None], noise(rng, len(playing)), drawn)
            output = self._step(self._state, point, drawn, force)
        pitched = self._guide.pitched(output.state.token, force)
        if (pitched == force).all():
            return output
        return self._step(self._state, point, drawn, pitched)

    def take(self, ancestors: Ints) -> None:
        """Replace each candidate by another one, or by itself."""
        self._guide.take(ancestors)
        self._state = self._state.rows(ancestors)
        self._events = [list(self._events[k]) for k in ancestors]
        self._elapsed = self._elapsed[ancestors]

    def candidates(self, target: int) -> MelodyCandidates:
        """Return all candidates, for a phrase of `target` twelfths."""
        counts = np.array([len(events) for events in self._events])
        tokens = np.zeros((counts.max(), len(counts), 3), np.int64)
        for k, events in enumerate(self._events):
            tokens[: len(events), k] = events
        ends = tuple(self._state.row(k) for k in range(len(counts)))
        return MelodyCandidates(tokens, counts, self._elapsed, target, ends)
