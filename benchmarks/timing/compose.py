"""Speed of composing: music for each second of one core, and one step beside PyTorch.

The first half runs the whole composer for the lead alone, at 120 beats a minute: 16 candidates a
phrase, rules, notes. The figures are all music over all processor time, and the same without the
phrases that repeat an earlier one, for which nothing is composed; n streams each. The second half
times one step of the shipped int8 voice against the same step of a model of the same sizes in eager
PyTorch, one thread each, in turns.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from benchmarks import script
from benchmarks.record import Readings, Record, publish
from benchmarks.support import composing_speed
from export.models.family import build
from export.models.melody_config import MelodyConfig
from export.models.step import Step as TorchStep
from export.models.step import example_inputs
from stream.compose.step import Point, Step
from stream.config.settings import DEFAULT_VOICE
from stream.config.style_syntax import parse_style
from stream.ensembles.ensemble import SOLO
from stream.music.note import Controls
from stream.voices.spec import VoiceSpec, find_voice, read_spec

NAME = "compose"
CANDIDATES = (1, 16, 64)


def timed(action: Callable[[], object], runs: int) -> float:
    """Return the median microseconds of `action`."""
    times = []
    for _ in range(runs):
        begun = time.perf_counter()
        action()
        times.append(time.perf_counter() - begun)
    return 1e6 * float(np.median(times))


def runtime_step(path: Path, k: int) -> Callable[[], object]:
    """Return one step of a voice as the runtime takes it, ready to be called."""
    step = Step(path)
    spec = step.spec
    latent, tags = (np.zeros((k, n), np.float32) for n in (spec.latent, len(spec.tags)))
    context = np.zeros((k, spec.context), np.float32) if spec.context else None
    point = Point(latent, tags, context=context)
    state, noise = step.initial().tiled(k), np.full((k, 3), 0.5, np.float32)
    return lambda: step(state, point, noise)


def torch_step(spec: VoiceSpec, k: int) -> Callable[[], object]:
    """Return the same step of a fresh model in eager PyTorch."""
    model = build(str(spec.model["family"]), config_of(spec)).eval()
    step, inputs = TorchStep(model).eval(), example_inputs(model, k)

    def run() -> object:
        with torch.inference_mode():
            return step(*inputs)

    return run


def config_of(spec: VoiceSpec) -> MelodyConfig:
    """Return the sizes of the model that a voice was exported from."""
    styles, kinds = (
        tuple(tag.split(":")[1] for tag in spec.tags if tag.startswith(prefix))
        for prefix in ("style:", "kind:")
    )
    sizes = {name: value for name, value in spec.model.items() if name != "family"}
    return MelodyConfig(styles, kinds=kinds, **sizes)


def stepping(voice: Path, k: int, turns: int) -> tuple[Readings, Readings]:
    """Return microseconds of a step by the runtime and by PyTorch, one reading per turn."""
    ours, theirs = runtime_step(voice, k), torch_step(read_spec(voice), k)
    timed(ours, 50), timed(theirs, 20)
    pairs = [(timed(ours, 200), timed(theirs, 60)) for _ in range(turns)]
    a, b = zip(*pairs, strict=True)
    return Readings(a), Readings(b)


def records(voice: Path, phrases: int, turns: int) -> list[Record]:
    """Return the figures of both halves."""
    found = []
    spec = read_spec(voice)
    streams = []
    for style in sorted(spec.styles):
        controls = Controls(bpm=120.0, style=parse_style(style), ensemble=SOLO)
        own = composing_speed.of_voice(voice, controls, phrases)
        found += composing_speed.records("perpetuum", f"{style}, K = 16", own)
        streams += own
    found += composing_speed.records("perpetuum", "all styles, K = 16", streams, "at least 400")
    for k in CANDIDATES:
        ours, theirs = stepping(voice, k, turns)
        where, n = f"{spec.name}, K = {k}", turns
        found += [
            Record("int8 voice", where, "one step", "µs", ours.median, ours.sd, n),
            Record("eager PyTorch", where, "one step", "µs", theirs.median, theirs.sd, n),
        ]
        ratios = Readings(tuple(a / b for a, b in zip(ours.values, theirs.values, strict=True)))
        found.append(
            Record("int8 / PyTorch", where, "one step", "", ratios.median, ratios.sd, n,
                   "at most 0.35")
        )  # fmt: skip
    return found


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--voice", type=find_voice, default=find_voice(DEFAULT_VOICE))
    parser.add_argument("--phrases", type=int, default=24, help="phrases of each stream")
    parser.add_argument("--turns", type=int, default=12)
    args = parser.parse_args()
    torch.set_num_threads(1)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    publish(NAME, records(args.voice, args.phrases, args.turns))


if __name__ == "__main__":
    main()
