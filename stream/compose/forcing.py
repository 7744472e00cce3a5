"""Play given music through a voice: its tokens are forced, nothing is sampled."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from stream.compose.step import Ints, Point, Step, StepOutput, StepState


def outputs(
    step: Step, state: StepState, tokens: Ints, points: Iterable[Point]
) -> Iterator[StepOutput]:
    """Yield the output of each step; `tokens` [T, M] are the same for all K candidates."""
    k = len(state.token)
    noise = np.zeros((k, step.spec.noise), np.float32)
    for token, point in zip(tokens, points, strict=False):
        output = step(state, point, noise, np.repeat(token[None], k, 0))
        state = output.state
        yield output


def state_after(step: Step, state: StepState, tokens: Ints, points: Iterable[Point]) -> StepState:
    """Return the state after `tokens` [T, M]; `state` itself if there are none."""
    for output in outputs(step, state, tokens, points):
        state = output.state
    return state


def bits(step: Step, tokens: Ints, point: Point) -> NDArray[np.float64]:
    """Return the mean bits [K] of each of `tokens` [T, M], T ≥ 1, at the K points."""
    nats = np.zeros(len(point.style))
    start = step.initial().tiled(len(nats))
    for output in outputs(step, start, tokens, itertools.repeat(point)):
        nats -= output.log_prob
    return np.asarray(nats / len(tokens) / math.log(2))
