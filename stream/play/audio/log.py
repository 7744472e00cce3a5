"""Who looks on while sound is played: a line a tune, or a meter on a terminal."""

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
"""From one line of the meter to the next, where no passage comes in between."""


class AudioLog(Log):
    """A line a tune."""

    def tune_began(self, passage: AudioChunk, stats: AudioStats) -> None:
        self._write(f"{self._level}{told(passage, stats)}")

    def meter(self, passage: AudioChunk, stats: AudioStats, now: float) -> float | None:  # noqa: ARG002
        """Show how it stands at `now`; when to do so again (s, monotonic). A log does not move."""
        return None


class Meter(AudioLog):
    """A line that moves, on a terminal, and the notices above it."""

    def __init__(self, output: TextIO | None = None) -> None:
        super().__init__(output or sys.stdout)

    def tune_began(self, passage: AudioChunk, stats: AudioStats) -> None:
        """The meter says so with every passage."""

    def meter(self, passage: AudioChunk, stats: AudioStats, now: float) -> float | None:
        self._put(f"\r{self._fit(f'{bar(stats.level)} {told(passage, stats)}')}\x1b[K")
        return now + METER_SECONDS

    def notice(self, text: str) -> None:
        self._put(f"\r{self._fit(text)}\x1b[K\n")

    def close(self) -> None:
        self._put("\n")
        super().close()


def told(passage: AudioChunk, stats: AudioStats) -> str:
    """The counters that a listener wants to see."""
    line = (
        f"tune {passage.tune} style {passage.style} level {decibels(stats.level):.0f} dB"
        f" queue {stats.queue_seconds:.1f} s under-runs {stats.underruns}"
    )
    lost = stats.died + stats.ran_away
    return f"{line} given up {lost}" if lost else line


def bar(level: float) -> str:
    """The level as a bar of fixed width."""
    share = max(0.0, 1.0 - decibels(level) / QUIETEST_DB)
    full = round(min(share, 1.0) * METER_CHARS)
    return "█" * full + "·" * (METER_CHARS - full)


def decibels(level: float) -> float:
    """Of full scale."""
    return max(20.0 * math.log10(level), -99.0) if level > 0 else -99.0
