"""Candidates for one phrase, sampled frame by frame in one batch."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from stream.compose import form, phrase_context
from stream.compose.forcing import state_after
from stream.compose.polyphony.frames import Ints
from stream.compose.polyphony.kind import FrameKind
from stream.compose.step import Point, Step, StepState
from stream.compose.tune_plan import TunePlan
from stream.music.note import PhraseRequest
from stream.voices.spec import VoiceSpec

CLOSING_TAG = "closing"
CLOSING_FRAMES = 64
"""Frames before the end of a tune in which the tag `closing` rises from 0 to 1."""


@dataclass(frozen=True, slots=True)
class SamplingSchedule:
    """The points of K candidates, frame by frame, up to the end of a phrase."""

    point: Point
    closing: int | None
    """Column of the tag that rises towards the end of a tune; None in all phrases but the last."""

    def at(self, remaining: int) -> Point:
        """Return the point of a frame; `remaining` frames of the phrase, it included, are left."""
        share = 1 - remaining / CLOSING_FRAMES
        if self.closing is None or share <= 0:
            return self.point
        style = self.point.style.copy()
        style[:, self.closing] = share
        return dataclasses.replace(self.point, style=style)


def schedule(
    spec: VoiceSpec, plan: TunePlan, request: PhraseRequest, candidates: int
) -> SamplingSchedule:
    """Return the schedule of K candidates; in the last phrase of a tune it leads to an end."""
    ends = form.closes(plan.form, request) and CLOSING_TAG in spec.tags
    column = spec.tags.index(CLOSING_TAG) if ends else None
    return SamplingSchedule(phrase_context.point(plan, request, candidates), column)


@dataclass(frozen=True, slots=True)
class Start:
    """The state in which K candidates begin."""

    state: StepState
    sustained: Ints
    """Classes [K, M] that continue from the frames before, as a `FrameKind` returns them."""

    @staticmethod
    def of(state: StepState, sustained: Ints, candidates: int) -> Start:
        """Return the same start for each of K candidates: `state` has K = 1, `sustained` is [M]."""
        return Start(state.tiled(candidates), np.repeat(sustained[None], candidates, 0))


@dataclass(frozen=True, slots=True)
class FrameCandidates:
    """The candidates: K runs of frames, all of the same length."""

    frames: Ints
    """Frames of all candidates [T, K, M]."""
    end_states: tuple[StepState, ...]
    """State at the end of each candidate: choosing a candidate chooses the state."""

    def __len__(self) -> int:
        return len(self.end_states)

    @property
    def runs(self) -> list[Ints]:
        """The frames [T, M] of each candidate."""
        return [self.frames[:, k] for k in range(len(self))]


def sample(
    step: Step,
    kind: FrameKind,
    start: Start,
    schedule: SamplingSchedule,
    force: Ints,
    rng: np.random.Generator,
) -> FrameCandidates:
    """Compose a frame for each row of `force`; `start` and `schedule` hold K candidates.

    `force` [T, M], T ≥ 1, are classes that every candidate has, -1 for those that are sampled. The
    generator is drawn from in a fixed order: the same generator state gives the same frames.
    """
    state, sustained = start.state, start.sustained
    k, rows, count = len(state.token), [], len(force)
    for at, noise in enumerate(rng.random((count, k, step.spec.noise), np.float32)):
        point, before = schedule.at(count - at), state
        forced = np.repeat(force[at : at + 1], k, 0) if (force[at] >= 0).any() else None
        state = step(before, point, noise, forced).state
        corrected, sustained = kind.corrected(at, state.token, sustained)
        if corrected is not state.token and (corrected != state.token).any():
            state = step(before, point, noise, corrected).state
        rows.append(state.token)
    return FrameCandidates(np.stack(rows), tuple(state.row(i) for i in range(k)))


def forced(
    step: Step, state: StepState, frames: Ints, schedule: SamplingSchedule, after: int = 0
) -> StepState:
    """Return the state once `frames` [T, M] have been played; all with K = 1.

    `after` frames of the phrase follow them.
    """
    points = (schedule.at(remaining + after) for remaining in range(len(frames), 0, -1))
    return state_after(step, state, frames, points)
