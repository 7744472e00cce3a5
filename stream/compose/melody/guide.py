"""The guide of candidates by an outline: the context of each step, and the events that it copies.

Conventions: K candidates; times in twelfths of a unit since the head of the written tune.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody.bar_memory import BarMemory, Decision, planned
from stream.compose.melody.bar_penalty import Events
from stream.compose.melody.outline import Outline
from stream.compose.melody.outline_context import OutlineContext
from stream.compose.melody.person import ORDER, Person
from stream.compose.melody.vocabulary import REST, Token
from stream.compose.step import Ints, Point, StepOutput


class Guide:
    """The guide of a melody by its memory alone.

    The phrase begins at `begin`; `past` are the events of the tune before it. `person` is the one
    who is answered, if any.
    """

    def __init__(
        self,
        memory: BarMemory,
        point: Point,
        begin: int,
        past: Events,
        person: Person | None = None,
    ) -> None:
        self._memory, self._point, self._begin = memory, point, begin
        self._bar = memory.bar
        k = len(point.style)
        self._played = [dict(past) for _ in range(k)]
        bar = begin // self._bar
        began = sum(onset // self._bar == bar and t[0] != REST for onset, t in past.items())
        self._bars = np.full(k, bar)
        self._notes = np.full(k, began)
        """The bar of each candidate's last event, and the notes that have begun in it."""
        self._decisions = [Decision()] * k
        self._person = person
        self._gains = np.zeros(k)

    @property
    def recalls(self) -> bool:
        """True if bars return because a listener asked for it."""
        return bool(self._memory.looped)

    def bar_lines(self, target: int) -> list[int]:
        """Return the time from the start of the phrase to each bar line before `target`, and it."""
        first = self._bar - self._begin % self._bar
        return [*range(first, target, self._bar), target]

    def step(self, elapsed: Ints) -> tuple[Point, Ints]:
        """Return the point and the forced tokens [K, 3], `elapsed` [K] into the phrase."""
        onsets = self._begin + elapsed
        notes = np.where(onsets // self._bar == self._bars, self._notes, 0)
        self._decisions = [
            self._memory.decision(self._played[k], onset, count)
            for k, (onset, count) in enumerate(zip(onsets.tolist(), notes.tolist(), strict=True))
        ]
        force = np.array([decision.token for decision in self._decisions], np.int64)
        return self._point_at(onsets, notes), force

    def _point_at(self, onsets: Ints, notes: Ints) -> Point:  # noqa: ARG002
        return self._point

    def silent(self, tokens: Ints) -> NDArray[np.bool_]:
        """Return which [K] of the sampled tokens [K, 3] are rests where a note returns."""
        sounding = np.array([bool(decision.sounding) for decision in self._decisions])
        return np.asarray(sounding & (tokens[:, 0] == REST))

    def pitched(self, tokens: Ints, force: Ints) -> Ints:
        """Return the forced tokens [K, 3] with the pitches that return, now that notes are known.

        A rest that is still where a note returns becomes that note.
        """
        forced = force.copy()
        silent = self.silent(tokens)
        for k, decision in enumerate(self._decisions):
            if decision.pitch and tokens[k, 0] != REST:
                forced[k, :2] = decision.pitch
            elif silent[k]:
                forced[k, :2] = decision.sounding
        return forced

    def update(self, playing: NDArray[np.bool_], elapsed: Ints, tokens: Ints) -> None:
        """Store the tokens [K, 3] of those that play, which begin `elapsed` [K] into the phrase."""
        bars = (self._begin + elapsed) // self._bar
        notes = np.where(bars == self._bars, self._notes, 0) + (tokens[:, 0] != REST)
        self._notes = np.where(playing, notes, self._notes)
        self._bars = np.where(playing, bars, self._bars)
        onsets = (self._begin + elapsed).tolist()
        for k in np.flatnonzero(playing):
            self._played[k][onsets[k]] = tuple(tokens[k].tolist())

    def weigh(self, playing: NDArray[np.bool_], output: StepOutput) -> None:
        """Count what the person adds to events that are not stored yet, as `update` takes them."""
        if self._person is None:
            return
        for k in np.flatnonzero(playing):
            if self._decisions[k].token[0] < 0:
                pitch_class, octave, duration = output.state.token[k].tolist()
                self._gains[k] += self._person.gain(
                    last_events(self._played[k], ORDER),
                    (pitch_class, octave, duration),
                    float(output.log_prob[k]),
                )

    def gains(self) -> NDArray[np.float64]:
        """Return the nats [K] that the person adds to what was composed since the last call.

        Events that are copied add none.
        """
        found, self._gains = self._gains, np.zeros_like(self._gains)
        return found

    def take(self, ancestors: Ints) -> None:
        """Replace each candidate by another one, or by itself."""
        self._played = [dict(self._played[k]) for k in ancestors]
        self._bars, self._notes = self._bars[ancestors], self._notes[ancestors]

    def tunes(self) -> Iterator[tuple[Events, int]]:
        """Yield the events of each candidate's tune so far, and the number of its last bar."""
        yield from zip(self._played, self._bars.tolist(), strict=True)


class OutlineGuide(Guide):
    """The guide by an outline: bars that are equal to earlier ones are copied from them.

    Without a memory, they are those of the outline alone.
    """

    def __init__(
        self,
        outline: Outline,
        point: Point,
        begin: int,
        past: Events,
        memory: BarMemory | None = None,
        person: Person | None = None,
    ) -> None:
        super().__init__(memory or planned(outline), point, begin, past, person)
        self._contexts = OutlineContext(outline)

    def _point_at(self, onsets: Ints, notes: Ints) -> Point:
        return dataclasses.replace(self._point, context=self._contexts.at(onsets, notes))


def last_events(played: Events, count: int) -> list[Token]:
    """Return the last events of a tune, the first of them first."""
    last = itertools.islice(reversed(played.values()), count)
    return [(pitch_class, octave, duration) for pitch_class, octave, duration in last][::-1]


def by_onset(tokens: Iterable[tuple[int, int, int]], lengths: Ints) -> dict[int, tuple[int, ...]]:
    """Return the events of a written tune by their onset; `lengths` are those of the classes."""
    found: dict[int, tuple[int, ...]] = {}
    onset = 0
    for token in tokens:
        found[onset] = token
        onset += int(lengths[token[2]])
    return found
