"""Speed of audio voices: seconds of sound a second, on one core.

    python -m benchmarks.timing.audio_stream [--voices wave gruv] [--rates 0 48000]

The whole composer is measured, chunk by chunk of half a second as the player requests them: the
network, the inverse transform, overlap-add, fades, the filter to the output's rate, the limiter and
the encoding as text. Beside it, one block: the network alone, and the synthesis alone. Seconds are
processor time, so that other work of the machine does not count.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from benchmarks import script
from benchmarks.record import Readings, Record, publish
from stream.compose.audio.composer import AudioComposer
from stream.compose.audio.overlap import Overlap
from stream.compose.audio.step import AudioStep
from stream.music.audio_chunk import AudioControls, request_from_json, to_json
from stream.play.audio.chunk_position import ChunkPosition
from stream.voices.spec import find_voice

NAME = "audio_stream"
WARM = 4
"""Chunks before the first that counts."""
GOAL = "at least 1.5"


def composing(path: Path, rate: int, chunks: int) -> Readings:
    """Return seconds of sound made in a second, chunk by chunk."""
    sound = AudioComposer(path)
    audio = sound.spec.audio
    if audio is None:
        raise ValueError(f"{path}: not an audio voice")
    position = ChunkPosition(1, AudioControls(), audio, rate or audio.rate)
    ratios = []
    for _ in range(WARM + chunks):
        begun, before = time.process_time(), position.composed
        chunk = sound.compose(request_from_json(to_json(position.request)))
        position, _ = position.after(chunk)
        made = (position.composed - before) / position.rate
        ratios.append(made / (time.process_time() - begun))
    return Readings(tuple(ratios[WARM:]))


def parts(path: Path) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield the two parts of a block, ready to be called: the network, and the synthesis."""
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
    """Return the milliseconds of each call, without the first tenth."""
    times = []
    for _ in range(turns):
        begun = time.process_time()
        action()
        times.append(1000 * (time.process_time() - begun))
    return Readings(tuple(times[turns // 10 :]))


def records(path: Path, rate: int, chunks: int) -> Iterator[Record]:
    """Yield the figures of one voice."""
    name = path.stem
    at = f"{rate} Hz" if rate else "its own rate"
    r = composing(path, rate, chunks)
    yield Record(name, at, "composing, x real time", "", r.median, r.sd, len(r.values), GOAL)
    slow = r.quantile(0.01)
    yield Record(name, at, "composing, slowest of a hundred, x real time", "", slow, n=chunks)
    for measure, action in parts(path):
        r = milliseconds(action, 10 * chunks)
        yield Record(name, at, measure, "ms", r.median, r.sd, len(r.values))


def main() -> None:
    parser = script.parser(NAME, __doc__)
    parser.add_argument("--voices", nargs="+", default=["wave", "gruv"])
    parser.add_argument(
        "--rates",
        type=int,
        nargs="+",
        default=[0, 48_000],
        help="rate of the output in Hz; 0: the voice's own",
    )
    parser.add_argument("--passages", type=int, default=200, help="chunks to measure")
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
