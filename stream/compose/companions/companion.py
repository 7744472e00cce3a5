"""A companion: a voice that composes one part, or several, for a phrase that is there already.

It goes on from the end of the phrase that it composed before, or is primed by its own frames of
that phrase, forced through its step.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stream.compose.companions.kind import FRAME, CompanionKind, Floats
from stream.compose.companions.score import Notes, Score
from stream.compose.filter import selection
from stream.compose.filter.selection import Rules
from stream.compose.forcing import outputs
from stream.compose.polyphony.frames import Ints
from stream.compose.step import Point, Step, StepState
from stream.errors import VoiceError
from stream.music.note import Note
from stream.music.verdict import Verdict

PRIMED_FRAMES = 64
"""Most frames of the past by which a companion is primed."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidates for a part, and the one that plays."""

    parts: Mapping[str, Notes]
    """Notes of the one that plays, by role."""
    verdict: Verdict
    table: Sequence[Rules]
    """Rules of each candidate."""
    end: StepState = field(compare=False)
    """State after the one that plays, with K = 1."""


class Companion:
    """A loaded companion. Raises `VoiceError` if the file is not a companion of this kind."""

    def __init__(self, path: Path, kind: CompanionKind, name: str) -> None:
        self.kind = kind
        self.step = Step(path, {name: (kind.heads,)})
        spec = self.step.spec
        if spec.context != kind.context_width or spec.latent:
            raise VoiceError(
                f"voice {path}: hears {spec.context} numbers a frame instead of"
                f" {kind.context_width}; export it again"
            )

    def compose(
        self,
        score: Score,
        seed: Sequence[int],
        candidates: int,
        temperature: float = 1.0,
        start: StepState | None = None,
    ) -> Choice:
        """Return the part for a phrase: the best of so many candidates by the rules.

        `start` is the end of the phrase before; without it, its notes in the score prime the
        companion. The same score, seed and start give the same notes.
        """
        rng = np.random.default_rng(seed)
        temperature *= getattr(self.kind, "temperature", 1.0)
        first = score.length % FRAME
        count = (score.length - first) // FRAME
        state = (start or self._primed(score)).tiled(candidates)
        context = self.kind.context(score, first, count)
        rows = []
        noise = rng.random((count, candidates, self.step.spec.noise), np.float32)
        for heard, drawn in zip(context, noise, strict=True):
            point = self._point(heard, score.style, candidates, temperature)
            state = self.step(state, point, drawn).state
            rows.append(state.token)
        frames = np.stack(rows) if rows else np.zeros((0, candidates, len(self.kind.heads)), int)
        runs = [frames[:, k] for k in range(candidates)]
        table = self.kind.rules(runs, score)
        best, verdict = selection.choose(table)
        notes = self.kind.decode(runs[best], score, rng)
        return Choice(notes, verdict, table, state.row(best))

    def bits(self, score: Score) -> NDArray[np.float64]:
        """Return the bits of each of its own frames in a score, primed by the phrase before."""
        first = score.length % FRAME
        count = (score.length - first) // FRAME
        frames = self.kind.encode(score, first, count)
        context = self.kind.context(score, first, count)
        found = self._forced(self._primed(score), frames, context, score.style)
        return np.array([-nats / math.log(2) for _, nats in found])

    def _primed(self, score: Score) -> StepState:
        """Return the state after the last frames of the past; K = 1."""
        before = previous(score)
        count = min(before.length // FRAME, PRIMED_FRAMES) if before else 0
        if before is None or not count:
            return self.step.initial()
        first = before.length - count * FRAME
        frames = self.kind.encode(before, first, count)
        context = self.kind.context(before, first, count)
        return self._forced(self.step.initial(), frames, context, score.style)[-1][0]

    def _forced(
        self, state: StepState, frames: Ints, context: Floats, style: str
    ) -> list[tuple[StepState, float]]:
        """Return the state and the log-probability (nats) of each frame."""
        points = (self._point(heard, style, 1, 1.0) for heard in context)
        return [
            (out.state, float(out.log_prob[0])) for out in outputs(self.step, state, frames, points)
        ]

    def _point(self, heard: Floats, style: str, candidates: int, temperature: float) -> Point:
        spec = self.step.spec
        tags = np.array([float(tag == f"style:{style}") for tag in spec.tags], np.float32)
        return Point(
            np.zeros((candidates, 0), np.float32),
            np.repeat(tags[None], candidates, 0),
            temperature,
            context=np.repeat(heard[None], candidates, 0),
        )


def previous(score: Score) -> Score | None:
    """Return the part of the tune before a phrase as a score of its own; None without one.

    It is the part of the same phrase that has been played already, or else the phrase before.
    """
    begun = score.past - sum(score.phrase_lengths)
    length = begun or (score.phrase_lengths[-1] if score.phrase_lengths else 0)
    if length <= 0:
        return None
    parts = {
        role: tuple(_until(n.moved(length), length) for n in notes if n.onset < 0)
        for role, notes in score.parts.items()
    }
    lengths = score.phrase_lengths if begun else score.phrase_lengths[:-1]
    return dataclasses.replace(
        score,
        parts=parts,
        length=length,
        past=score.past - length,
        phrase_lengths=lengths,
        closing=False,
    )


def _until(note: Note, length: int) -> Note:
    return note if note.end <= length else note.until(length)
