"""How a polyphonic voice goes on: from the end of a phrase, or from the notes of its tune.

A tune begins with START and an empty state. So the notes of the tune so far, played through the
voice, give the very state that it would have had, and what was before the tune does not matter.
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
    """What has been played of a tune, on the grid of its voice."""

    frames: Ints
    """[n, M] from its head."""
    gap: int
    """Ticks between the start of the phrase to come and the next frame."""


def primed_tune(kind: FrameKind, request: PhraseRequest, bar: int) -> PrimedTune:
    """The tune so far; a bar has `bar` frames.

    The stream begins with a note: the silence that was left out before it is put back, which is
    told by its first phrase, that ends with a bar.
    """
    ticks = kind.ticks
    lead = 0
    if request.strains and request.opened == 0:
        lead = -request.strains[0] % (bar * ticks)
    passed = lead + request.tune_ticks
    count = -(-passed // ticks)
    notes = [note.moved(passed) for note in request.tune_notes]
    return PrimedTune(kind.encode(notes, count), count * ticks - passed)


def call_frames(kind: FrameKind, request: PhraseRequest) -> Ints:
    """[n, M] what a person has played, as the voice hears it: twice, so that it sinks in."""
    notes = [note.moved(request.call) for note in request.call_notes]
    played = kind.arrange(notes, -(-request.call // kind.ticks))
    return np.concatenate([played, played])


def primed(step: Step, played: Ints, schedule: SamplingSchedule, position: int) -> StepState:
    """The memory of a voice that has just played what it `played` [n, M] since START.

    The next frame is `position` frames from the head of the tune. `schedule` has K = 1.
    """
    *states, clock = step.initial().states
    begin = np.full_like(clock, position - len(played)) % PERIOD
    state = forced(step, StepState(step.initial().token, (*states, begin)), played, schedule)
    *states, clock = state.states
    return StepState(state.token, (*states, np.full_like(clock, position % PERIOD)))


def position(state: StepState) -> int:
    """Frames since the head of the tune at which the next frame begins; K = 1."""
    return int(state.states[-1][0])
