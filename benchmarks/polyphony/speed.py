"""Time of a model for one frame: the step of an exported voice, on one core.

The step has one candidate, the fp32 graph as exported, and ONNX Runtime with one thread. Models of
one family and configuration share a reading, whatever they were trained on. All readings are taken
in turns, so that other work of the machine affects all of them alike.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path

import numpy as np

from benchmarks.record import Readings
from benchmarks.timing.compose import timed
from export.frames.parity import contract, traced
from export.frames.step import FrameStep
from export.rolls.roll_steps import step_of
from export.to_voice.parity import session
from export.training import checkpoint
from export.training.kinds import FRAMES

RUNS = 60
"""Frames of a reading; the reading is their median."""
LEAD = 64
"""Frames before the first measured one, which is in the middle of a piece."""

Place = tuple[str, str]
"""System and set."""


def step_times(models: Mapping[Place, Path], turns: int) -> dict[Place, Readings]:
    """Return milliseconds of a frame for the model of each checkpoint, measured in `turns`."""
    if not turns:
        return {}
    kinds: dict[Place, Hashable] = {}
    steps: dict[Hashable, Callable[[], object]] = {}
    for place, path in models.items():
        trained, model = checkpoint.load_model(path, FRAMES)
        kinds[place] = trained.kind, dataclasses.replace(model.config, sets=())
        if kinds[place] not in steps:
            steps[kinds[place]] = frame(step_of(model))
    with one_core():
        rows = [[timed(step, RUNS) / 1000 for step in steps.values()] for _ in range(turns)]
    columns = map(Readings, zip(*rows, strict=True))
    readings = dict(zip(steps, columns, strict=True))
    return {place: readings[kind] for place, kind in kinds.items()}


def frame(step: FrameStep) -> Callable[[], object]:
    """Return one frame of the exported step in the middle of a piece, ready to be called."""
    first, onnx, rng = contract(step.shape, 1), session(traced(step)), np.random.default_rng(1)
    inputs = [value.numpy() for value in first.first]
    at, carried = first.names.index("noise"), first.heads + first.states
    for _ in range(LEAD):
        inputs[at] = rng.random(inputs[at].shape, np.float32)
        inputs[:carried] = onnx.run(None, first.feed(inputs))[:carried]
    ready = first.feed(inputs)
    return lambda: onnx.run(None, ready)


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Run on one core inside the block, and on all former cores afterwards."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
