"""Speed of composing: seconds of music for each second of processor time, in total.

Totals over totals: the mean of the ratios of phrases would weigh the easy ones most.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import stdev

from benchmarks.record import Record
from stream.compose.composer import Composer
from stream.music.note import Controls, ticks_to_seconds
from stream.music.stream_position import StreamPosition

MEASURE = "composing, x real time"
NEW = "composing, x real time, phrases that repeat none"
SEEDS = (1, 2, 3, 4, 5)
WARM = 2
"""Phrases before the first that counts."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """The seconds of each phrase of a stream: of music, and of the processor."""

    music: tuple[float, ...]
    processor: tuple[float, ...]
    new: tuple[bool, ...]
    """False for a phrase that repeats an earlier one: nothing is composed for it."""

    def speed(self) -> float:
        """Return seconds of music for each second of processor time."""
        return sum(self.music) / sum(self.processor)


def stream(composer: Composer, controls: Controls, seed: int, phrases: int) -> Phrases:
    """Return the seconds of the first `phrases` phrases of a stream, after `WARM` others."""
    position = StreamPosition(seed, controls)
    rows = []
    for _ in range(WARM + phrases):
        begun = time.process_time()
        phrase = composer.compose(position.request)
        taken = time.process_time() - begun
        music = ticks_to_seconds(phrase.length, phrase.bpm)
        rows.append((music, taken, bool(phrase.verdict.candidates)))
        position = position.after(phrase)
    music, processor, new = zip(*rows[WARM:], strict=True)
    return Phrases(music, processor, new)


def together(streams: Sequence[Phrases]) -> Phrases:
    """Return the phrases of all streams."""
    return Phrases(
        tuple(x for s in streams for x in s.music),
        tuple(x for s in streams for x in s.processor),
        tuple(x for s in streams for x in s.new),
    )


def of_new(found: Phrases) -> Phrases:
    """Return the phrases that repeat none."""
    return Phrases(
        tuple(x for x, new in zip(found.music, found.new, strict=True) if new),
        tuple(x for x, new in zip(found.processor, found.new, strict=True) if new),
        (True,) * sum(found.new),
    )


def records(
    system: str, where: str, streams: Sequence[Phrases], bound: str | None = None
) -> list[Record]:
    """Return the speed of all phrases, and of those that repeat none."""
    found = []
    for measure, chosen, beside in (
        (MEASURE, streams, bound),
        (NEW, [of_new(each) for each in streams], None),
    ):
        speeds = [each.speed() for each in chosen if each.music]
        sd = stdev(speeds) if len(speeds) > 1 else None
        total = together(chosen)
        value = total.speed()
        found.append(Record(system, where, measure, "", value, sd, len(speeds), beside))
    return found


def of_voice(voice: Path, controls: Controls, phrases: int) -> list[Phrases]:
    """Return a stream of a voice for each seed."""
    composer = Composer(voice)
    return [stream(composer, controls, seed, phrases) for seed in SEEDS]
