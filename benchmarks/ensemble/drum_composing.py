"""The companion's phrases for many performances at once: as `Companion.compose`, side by side.

A row of a step's batch is one candidate of one performance; so hundreds of phrases take seconds.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.ensemble.drum_excerpts import PHRASE, Four
from export.companions.drum_excerpts import Excerpt, frames_of
from export.companions.drums import Energies, contexts
from stream.compose.companions.companion import Companion, previous
from stream.compose.companions.drums import KIND
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Score
from stream.compose.filter import selection
from stream.compose.forcing import outputs
from stream.compose.polyphony.frames import Ints
from stream.compose.step import Point, Step, StepState
from stream.music.note import Note
from stream.music.part import DRUMS
from stream.music.verdict import Verdict

FRAMES = PHRASE // FRAME


def composed(
    companion: Companion, like: Sequence[Four], seed: int, candidates: int
) -> tuple[list[Four], list[Verdict]]:
    """Return four bars for each excerpt, with its style, tempo and energy, and the choices.

    Those of one performance are the phrases of a tune, each primed by the one before.
    """
    tunes: dict[int, list[Four]] = defaultdict(list)
    for four in like:
        tunes[four.group].append(four)
    made: dict[int, list[tuple[Note, ...]]] = {group: [] for group in tunes}
    verdicts = []
    for turn in range(max(map(len, tunes.values()))):
        groups = [group for group, fours in tunes.items() if turn < len(fours)]
        scores = [score_of(tunes[group][turn], made[group]) for group in groups]
        rng = np.random.default_rng((seed, turn))
        runs = _sampled(companion.step, scores, candidates, rng)
        for group, score, frames in zip(groups, scores, runs, strict=True):
            best, verdict = selection.choose(KIND.rules(list(frames), score))
            made[group].append(tuple(KIND.decode(frames[best], score, rng)[DRUMS]))
            verdicts.append(verdict)
    found = [
        dataclasses.replace(four, notes=notes)
        for group, fours in tunes.items()
        for four, notes in zip(fours, made[group], strict=True)
    ]
    return found, verdicts


def score_of(four: Four, tune: Sequence[tuple[Note, ...]]) -> Score:
    """Return the score of the phrase that follows those of a tune."""
    past = PHRASE * len(tune)
    before = tuple(note.moved(PHRASE * i - past) for i, notes in enumerate(tune) for note in notes)
    return Score({DRUMS: before}, PHRASE, 192, 48, past, (PHRASE,) * len(tune), bpm=four.bpm,
                 style=four.style, energy=four.energy)  # fmt: skip


def _sampled(
    step: Step, scores: Sequence[Score], candidates: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Return the candidates of each score [R, K, T, M]."""
    state = step.initial().tiled(len(scores))
    earlier = [before for score in scores if (before := previous(score)) is not None]
    if len(earlier) == len(scores):
        tokens = np.stack([KIND.encode(before, 0, FRAMES) for before in earlier], 1)
        for heard, forced in zip(_heard(earlier, 1), tokens, strict=True):
            noise = np.zeros((len(scores), step.spec.noise), np.float32)
            state = step(state, _point(heard), noise, forced).state
    state = StepState(*_repeated(state, candidates))
    rows = []
    for heard in _heard(scores, candidates):
        noise = rng.random((len(heard), step.spec.noise), np.float32)
        state = step(state, _point(heard, KIND.temperature), noise).state
        rows.append(state.token)
    found: Ints = np.stack(rows, 1)
    return found.reshape(len(scores), candidates, FRAMES, -1)


def _heard(scores: Sequence[Score], candidates: int) -> NDArray[np.float32]:
    """Return the context of each frame and row [T, R K, C]."""
    return np.repeat(np.stack([KIND.context(s, 0, FRAMES) for s in scores], 1), candidates, 1)


def _repeated(state: StepState, candidates: int) -> tuple[Ints, tuple[NDArray[np.generic], ...]]:
    states = tuple(np.repeat(each, candidates, 0) for each in state.states)
    return np.repeat(state.token, candidates, 0), states


def _point(heard: NDArray[np.float32], temperature: float = 1.0) -> Point:
    empty = np.zeros((len(heard), 0), np.float32)
    return Point(empty, empty, temperature, context=heard)


def bits(companion: Companion, excerpt: Excerpt, table: Energies) -> float:
    """Return the mean bits of a sixteenth of an excerpt of some phrases, from an empty past."""
    heard, step = contexts(excerpt, table, {}), companion.step
    points = (_point(row[None]) for row in heard)
    played = outputs(step, step.initial(), frames_of(excerpt), points)
    return float(-np.mean([out.log_prob[0] for out in played]) / np.log(2))
