"""Speed of polyphonic voices: one frame, and seconds of music a second, on one core.

    python -m benchmarks.timing.frame_cost [--voices chorale rnn-dbn piano session blues]

Measured are a frame of each voice as the runtime takes it, for one candidate and for eight, in
turns with the same graph in another precision, if `--beside NAME=PATH` gives it; and the whole
composer for the lead alone, with eight candidates a phrase, at 120 beats a minute: all music over
all processor time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import script
from benchmarks.record import Readings, Record, publish
from benchmarks.support import composing_speed
from benchmarks.timing.compose import timed
from stream.compose.step import Point, Step
from stream.ensembles.ensemble import SOLO
from stream.music.note import Controls
from stream.voices.spec import find_voice

NAME = "frame_cost"
CANDIDATES = (1, 8)
BOUNDS = {"chorale": "at most 1", "rnn-dbn": "at most 3"}
"""Goals for the milliseconds of a frame of one candidate."""
COMPOSING = {
    "session": "at least 500",
    "blues": "at least 500",
    "piano": "at least 150",
    "chorale": "at least 150",
}
"""Goals for the speed in times real time; at least 50 for the other voices."""


def frame(path: Path, k: int) -> Callable[[], object]:
    """Return one frame of a voice in the middle of a tune, ready to be called."""
    step, rng = Step(path), np.random.default_rng(1)
    spec = step.spec
    point = Point(np.zeros((k, spec.latent), np.float32), np.zeros((k, len(spec.tags)), np.float32))
    noise = rng.random((64, k, spec.noise), np.float32)
    state = step.initial().tiled(k)
    for row in noise:
        state = step(state, point, row).state
    return lambda: step(state, point, noise[0])


def stepping(paths: list[Path], k: int, turns: int) -> list[Readings]:
    """Return milliseconds of a frame of each voice, measured in turns."""
    steps = [frame(path, k) for path in paths]
    for step in steps:
        timed(step, 30)
    rows = [[timed(step, 60) / 1000 for step in steps] for _ in range(turns)]
    return [Readings(column) for column in zip(*rows, strict=True)]


def records(voices: list[str], beside: dict[str, Path], phrases: int, turns: int) -> list[Record]:
    """Return the figures of all voices."""
    found = []
    for name in voices:
        path = find_voice(name)
        for k in CANDIDATES:
            shipped, *other = stepping([path, *filter(None, [beside.get(name)])], k, turns)
            bound = BOUNDS.get(name) if k == 1 else None
            where = f"K = {k}"
            found.append(
                Record(name, where, "one frame", "ms", shipped.median, shipped.sd, turns, bound)
            )
            for each in other:
                system = f"{name}, other precision"
                found.append(Record(system, where, "one frame", "ms", each.median, each.sd, turns))
                ratio = shipped.median / each.median
                found.append(Record(f"{name} / other precision", where, "one frame", "", ratio))
        controls = Controls(candidates=8, bpm=120, ensemble=SOLO)
        streams = composing_speed.of_voice(path, controls, phrases)
        bound = COMPOSING.get(name, "at least 50")
        found += composing_speed.records(name, "K = 8", streams, bound)
    return found


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument(
        "--voices", nargs="+", default=["chorale", "rnn-dbn", "piano", "session", "blues"]
    )
    parser.add_argument("--beside", action="append", default=[], metavar="NAME=PATH")
    parser.add_argument("--phrases", type=int, default=12, help="phrases of each stream")
    parser.add_argument("--turns", type=int, default=12)
    args = parser.parse_args()
    beside = {name: Path(path) for name, _, path in (each.partition("=") for each in args.beside)}
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    publish(NAME, records(args.voices, beside, args.phrases, args.turns))


if __name__ == "__main__":
    main()
