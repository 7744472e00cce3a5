"""Observers of a performance of sound: a line for each tune, or a meter on a terminal."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, TextIO

from stream.play.view.log import Log

if TYPE_CHECKING:
    from stream.music.audio_chunk import AudioChunk
    from stream.play.audio.stats import AudioStats

QUIETEST_DB = -48.0
METER_CHARS = 24
METER_SECONDS = 0.5
"""Seconds between two updates of the meter if no chunk comes in between."""


class AudioLog(Log):
    """Writes one line for each tune."""

    def tune_began(self, chunk: AudioChunk, stats: AudioStats) -> None:
        self._write(f"{self._level}{summary(chunk, stats)}")

    def meter(self, chunk: AudioChunk, stats: AudioStats, now: float) -> float | None:  # noqa: ARG002
        """Return when to be called next (s, monotonic); None: a log has no meter."""
        return None


class Meter(AudioLog):
    """Shows the meter in one line of a terminal, and the notices above it."""

    def __init__(self, output: TextIO | None = None) -> None:
        super().__init__(output or sys.stdout)

    def tune_began(self, chunk: AudioChunk, stats: AudioStats) -> None:
        """Do nothing: the meter shows the tune."""

    def meter(self, chunk: AudioChunk, stats: AudioStats, now: float) -> float | None:
        self._put(f"\r{self._printable(f'{bar(stats.level)} {summary(chunk, stats)}')}\x1b[K")
        return now + METER_SECONDS

    def notice(self, text: str) -> None:
        self._put(f"\r{self._printable(text)}\x1b[K\n")

    def close(self) -> None:
        self._put("\n")
        super().close()


def summary(chunk: AudioChunk, stats: AudioStats) -> str:
    """Return the counters that a listener wants to see."""
    text = (
        f"tune {chunk.tune} style {chunk.style} level {decibels(stats.level):.0f} dB"
        f" queue {stats.queue_seconds:.1f} s under-runs {stats.underruns}"
    )
    given_up = stats.died + stats.ran_away
    return f"{text} given up {given_up}" if given_up else text


def bar(level: float) -> str:
    """Return the level as a bar of fixed width."""
    share = max(0.0, 1.0 - decibels(level) / QUIETEST_DB)
    full = round(min(share, 1.0) * METER_CHARS)
    return "█" * full + "·" * (METER_CHARS - full)


def decibels(level: float) -> float:
    """Return the level in decibels of full scale, -99 or more."""
    return max(20.0 * math.log10(level), -99.0) if level > 0 else -99.0
