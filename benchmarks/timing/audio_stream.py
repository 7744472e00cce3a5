"""How fast voices make sound: seconds of sound a second, on one core.

    python -m benchmarks.timing.audio_stream [--voices wave gruv] [--rates 0 48000]

The whole composer is measured, passage by passage of half a second as the player asks for them:
the network, the inverse transform, overlap-add, fades, the filter to the output's rate, limiter and
the text that travels. Beside it, one block: the network alone, and what is made of its block.
Seconds are the processor's: what else the machine does takes none of them.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks.record import Readings, Record, publish
from stream.compose.audio.composer import AudioComposer
from stream.compose.audio.overlap import Overlap
from stream.compose.audio.step import AudioStep
from stream.music.audio_chunk import AudioControls, request_from_json, to_json
from stream.play.audio.chunk_position import ChunkPosition
from stream.voices.spec import find_voice

NAME = "audio_stream"
WARM = 4
"""Passages before the first that counts."""
GOAL = "at least 1.5"


def composing(path: Path, rate: int, passages: int) -> Readings:
    """Seconds of sound made in a second, passage by passage."""
    sound = AudioComposer(path)
    audio = sound.spec.audio
    if audio is None:
        raise ValueError(f"{path}: makes no sound")
    programme = ChunkPosition(1, AudioControls(), audio, rate or audio.rate)
    ratios = []
    for _ in range(WARM + passages):
        begun, before = time.process_time(), programme.composed
        passage = sound.compose(request_from_json(to_json(programme.request)))
        programme, _ = programme.after(passage)
        made = (programme.composed - before) / programme.rate
        ratios.append(made / (time.process_time() - begun))
    return Readings(tuple(ratios[WARM:]))


def parts(path: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """What a block is made by, ready to be called: the network, and the synthesis."""
    step = AudioStep(path)
    spec = step.spec
    style = np.full(len(spec.tags), 1 / max(len(spec.tags), 1), np.float32)
    noise = np.random.default_rng(1).random(spec.noise, np.float32)
    seed = next(iter(spec.styles.values())).seeds[0]
    states, block = step(step.initial(), style, 1.0, noise, seed)
    overlap = Overlap(step.audio)
    tail = overlap.silence()
    yield "network, one block", lambda: step(states, style, 1.0, noise)
    yield "synthesis, one block", lambda: overlap(tail, block)


def milliseconds(action: Callable[[], object], turns: int) -> Readings:
    """Of one call, again and again."""
    times = []
    for _ in range(turns):
        begun = time.process_time()
        action()
        times.append(1000 * (time.process_time() - begun))
    return Readings(tuple(times[turns // 10 :]))


def records(path: Path, rate: int, passages: int) -> Iterator[Record]:
    """Of one voice."""
    name = path.stem
    at = f"{rate} Hz" if rate else "its own rate"
    r = composing(path, rate, passages)
    yield Record(name, at, "composing, x real time", "", r.median, r.sd, len(r.values), GOAL)
    slow = r.quantile(0.01)
    yield Record(name, at, "composing, slowest of a hundred, x real time", "", slow, n=passages)
    for measure, action in parts(path):
        r = milliseconds(action, 10 * passages)
        yield Record(name, at, measure, "ms", r.median, r.sd, len(r.values))


def main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{NAME}", description=__doc__)
    parser.add_argument("--voices", nargs="+", default=["wave", "gruv"])
    parser.add_argument(
        "--rates", type=int, nargs="+", default=[0, 48_000], help="of the output, in Hz; 0: its own"
    )
    parser.add_argument("--passages", type=int, default=200)
    args = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    found = [
        r
        for voice in args.voices
        for rate in args.rates
        for r in records(find_voice(voice), rate, args.passages)
    ]
    publish(NAME, found)


if __name__ == "__main__":
    main()
