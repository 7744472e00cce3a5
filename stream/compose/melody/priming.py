"""The state from which a phrase continues: a stored end, or the history played through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stream.compose.melody import sampler, vocabulary
from stream.compose.melody.person import Person
from stream.compose.melody.vocabulary import PERIOD, TWELFTHS, Token
from stream.compose.step import Point, Step, StepState
from stream.music.note import PhraseRequest

GRID = frozenset({0, 3, 4, 6, 8, 9})
"""Twelfths of a unit at which an event may begin: quarters and thirds. From other positions hardly
any series of durations leads back to a bar line."""
REST = (vocabulary.REST, vocabulary.REST_OCTAVE, TWELFTHS.index(12))
"""The event that is played through the voice if the history has none."""


@dataclass(frozen=True, slots=True)
class BarPosition:
    """The position in its tune and bar at which a phrase begins."""

    offset: int = 0
    """Twelfths from a bar line to the first event."""
    gap: int = 0
    """Ticks from the start of the phrase to that event."""
    head: int = 0
    """Twelfths from the start of the tune to that bar line."""


@dataclass(frozen=True, slots=True)
class PhraseEnd:
    """The stored end of a phrase."""

    state: StepState
    shift: int
    """Semitones from the register in which it sounded to the voice's."""


def bar_position(request: PhraseRequest, bar: int, unit: int) -> BarPosition:
    """Return the position that follows from what was played; a bar has `bar` units of `unit` ticks.

    A phrase that was interrupted continues at the next grid position.
    """
    ticks = request.tune_ticks
    if request.phrase_lengths and request.opened == 0:
        # A stream begins with a note: its first phrase may start within a bar, and ends with a bar.
        ticks -= request.phrase_lengths[0]
    return next_position(ticks, bar, unit, request.begun)


def next_position(ticks: int, bar: int, unit: int, begun: int) -> BarPosition:
    """Return the position after `ticks` of a tune, of which `begun` belong to the phrase."""
    elapsed = ticks * 12 // unit
    head = elapsed - elapsed % (12 * bar)
    if not begun:
        return BarPosition(elapsed - head, 0, head)
    start = -(-ticks * 12 // unit)
    while start % 12 not in GRID:
        start += 1
    return BarPosition(start - head, start * unit // 12 - ticks, head)


def events(request: PhraseRequest, unit: int, at: BarPosition) -> list[Token]:
    """Return the history as tokens. Its onsets lead up to the phrase, which starts at 0.

    If a person has played a call, the call alone is used, twice, for more weight.
    """
    notes = request.call_notes if request.call else request.history
    if not notes:
        return []
    lead = -notes[0].onset
    moved = [note.moved(lead) for note in notes]
    played = vocabulary.encode(moved, unit, lead + at.gap)
    return played + played if request.call else played


def person(request: PhraseRequest, unit: int) -> Person | None:
    """Return the person who is answered; None if no call came before this one."""
    if not request.call or not request.played:
        return None
    notes = (*request.played, *request.call_notes)
    return Person(vocabulary.encode([note.moved(-notes[0].onset) for note in notes], unit))


def primed(step: Step, played: Sequence[Token], point: Point, at: BarPosition) -> StepState:
    """Return the state of a voice that has just played `played`; `point` has K = 1."""
    position = at.head + at.offset
    if not played and not position:
        return step.initial()
    return sampler.prime(step, played or [REST], point, position)


def position(state: StepState) -> int:
    """Return the twelfths from the start of the tune to the next event; K = 1."""
    return (int(state.states[-1][0]) + _last_length(state)) % PERIOD


def placed(state: StepState, at: int) -> StepState:
    """Return the state with its next event `at` twelfths from the start of the tune; K = 1.

    The tokens of a note that was cut off only come near to its end.
    """
    *states, clock = state.states
    return StepState(
        state.token, (*states, np.full_like(clock, (at - _last_length(state)) % PERIOD))
    )


def _last_length(state: StepState) -> int:
    """Return the twelfths of the last event; 0 for the start token."""
    return (*TWELFTHS, 0)[int(state.token[0, 2])]
