"""The state from which a polyphonic phrase continues: a stored end, or the notes of its tune.

A tune begins with START and an empty state. So the notes of the tune so far, played through the
voice, lead to the same state, and music before the tune does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stream.compose.polyphony.frames import PERIOD, Ints
from stream.compose.polyphony.kind import FrameKind
from stream.compose.polyphony.sampler import SamplingSchedule, forced
from stream.compose.step import Step, StepState
from stream.music.note import PhraseRequest


@dataclass(frozen=True, slots=True)
class PrimedTune:
    """The notes of a tune so far, on the grid of its voice."""

    frames: Ints
    """Frames [n, M] from the start of the tune."""
    gap: int
    """Ticks between the start of the next phrase and the next frame."""


def primed_tune(kind: FrameKind, request: PhraseRequest, bar: int) -> PrimedTune:
    """Return the tune so far; a bar has `bar` frames.

    A stream begins with a note. The silence before it, which was left out, is restored: its length
    follows from the first phrase, which ends at a bar line.
    """
    ticks = kind.ticks
    lead = 0
    if request.phrase_lengths and request.opened == 0:
        lead = -request.phrase_lengths[0] % (bar * ticks)
    elapsed = lead + request.tune_ticks
    count = -(-elapsed // ticks)
    notes = [note.moved(elapsed) for note in request.tune_notes]
    return PrimedTune(kind.encode(notes, count), count * ticks - elapsed)


def call_frames(kind: FrameKind, request: PhraseRequest) -> Ints:
    """Return the call that a person has played, [n, M]: twice, for more weight."""
    notes = [note.moved(request.call) for note in request.call_notes]
    played = kind.arrange(notes, -(-request.call // kind.ticks))
    return np.concatenate([played, played])


def primed(step: Step, played: Ints, schedule: SamplingSchedule, position: int) -> StepState:
    """Return the state of a voice that has just played `played` [n, M] since START.

    The next frame is `position` frames from the start of the tune. `schedule` has K = 1.
    """
    *states, position_state = step.initial().states
    first_position = np.full_like(position_state, position - len(played)) % PERIOD
    state = forced(
        step, StepState(step.initial().token, (*states, first_position)), played, schedule
    )
    *states, position_state = state.states
    return StepState(state.token, (*states, np.full_like(position_state, position % PERIOD)))


def position(state: StepState) -> int:
    """Return the frames from the start of the tune to the next frame; K = 1."""
    return int(state.states[-1][0])
