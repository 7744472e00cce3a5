"""How fast the composer is, and one step of the shipped voice beside the same step in PyTorch.

Music is composed as it is for playing, K = 16 candidates and the filter, one style after the other;
its length stands against the processor time of the one thread. The step runs in turns with a fresh
model of the same sizes in eager PyTorch, one thread each, blocks of `BLOCK` steps.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch

from benchmarks.record import Readings, Record, publish
from export.models.family import build
from export.models.melody import BARS, MODES, MelodyConfig
from export.models.step import Step as TorchStep
from export.models.step import example_inputs
from stream.compose.composer import Composer
from stream.compose.step import Memory, Point, Step
from stream.note import Controls, ticks_to_seconds
from stream.play.programme import Programme
from stream.settings import DEFAULT_VOICE
from stream.voice import VoiceSpec, find_voice

NAME = "compose"
BLOCK = 20
PHRASES = 16


def compose(composer: Composer, style: str) -> Readings:
    """Seconds of music for each second of processor time, phrase by phrase."""
    programme = Programme(1, Controls(style=((style, 1.0),)))
    speeds = []
    for _ in range(PHRASES):
        begun = time.process_time()
        phrase = composer.compose(programme.request)
        speeds.append(ticks_to_seconds(phrase.length, phrase.bpm) / (time.process_time() - begun))
        programme = programme.after(phrase)
    return Readings(tuple(speeds))


def onnx_step(step: Step, candidates: int) -> Callable[[], object]:
    """One step of the voice, as the composer calls it."""
    rng = np.random.default_rng(0)
    spec = step.spec
    style = np.zeros((candidates, len(spec.tags)), np.float32)
    point = Point(np.zeros((candidates, spec.latent), np.float32), style)
    memory: Memory = step.initial().tiled(candidates)
    noise = rng.random((candidates, len(spec.heads)), np.float32)
    return lambda: step(memory, point, noise)


def torch_step(spec: VoiceSpec, candidates: int) -> Callable[[], object]:
    """The same step of an untrained model of the same sizes."""
    styles = tuple(f"style {i}" for i in range(len(spec.tags) - len(BARS) - len(MODES)))
    config = MelodyConfig(styles, hidden=spec.states[0].shape[0], latent=spec.latent)
    model = build("vrash", config).eval()
    step, inputs = TorchStep(model).eval(), example_inputs(model, candidates)
    return lambda: step(*inputs)


def milliseconds(step: Callable[[], object]) -> float:
    """One step, as the mean of a block."""
    begun = time.perf_counter()
    for _ in range(BLOCK):
        step()
    return 1000 * (time.perf_counter() - begun) / BLOCK


def in_turns(spec_step: Step, candidates: int, rounds: int) -> tuple[Readings, Readings]:
    """Milliseconds of a step: the voice's, PyTorch's."""
    ours, theirs = onnx_step(spec_step, candidates), torch_step(spec_step.spec, candidates)
    with torch.inference_mode():
        pairs = [(milliseconds(ours), milliseconds(theirs)) for _ in range(rounds + 1)][1:]
    first, second = zip(*pairs, strict=True)
    return Readings(first), Readings(second)


def speed_records(composer: Composer) -> list[Record]:
    """One row a style."""
    found = []
    for style in sorted(composer.spec.styles):
        speeds = compose(composer, style)
        measure = "music composed in one second of one core, median phrase"
        where = f"{DEFAULT_VOICE}, {style}, K = 16"
        found.append(
            Record(
                "perpetuum", where, measure, "s", speeds.median, speeds.sd, PHRASES, "at least 100"
            )
        )
    return found


def step_records(step: Step, rounds: int) -> list[Record]:
    """Three rows for each number of candidates."""
    found = []
    for candidates in (1, 16, 64):
        where, measure = f"K = {candidates}", "one step, median"
        ours, theirs = in_turns(step, candidates, rounds)
        for system, reading in ((f"{DEFAULT_VOICE}, int8", ours), ("PyTorch, eager", theirs)):
            found.append(Record(system, where, measure, "ms", reading.median, reading.sd, rounds))
        ratio = ours.median / theirs.median
        found.append(
            Record("int8 / eager", where, measure, "", ratio, None, rounds, "at most 0.35")
        )
    return found


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{NAME}", description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    args = parser.parse_args()
    torch.set_num_threads(1)
    voice = find_voice(DEFAULT_VOICE)
    publish(NAME, speed_records(Composer(voice)) + step_records(Step(voice), args.rounds))


if __name__ == "__main__":
    main()
