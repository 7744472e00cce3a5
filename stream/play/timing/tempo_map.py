"""A tempo map: a straight line from ticks to seconds."""

from __future__ import annotations

from dataclasses import dataclass

from stream.music.note import TICKS_PER_BEAT, ticks_to_seconds


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Maps `tick` to `time` (s, monotonic), and continues with `bpm` quarter notes a minute."""

    time: float
    tick: float
    bpm: float

    def at(self, tick: float) -> float:
        """Return the time (s) of a tick."""
        return self.time + ticks_to_seconds(1, self.bpm) * (tick - self.tick)

    def tick_at(self, time: float) -> float:
        """Return the tick at a time (s), with its fraction."""
        return self.tick + (time - self.time) * self.bpm * TICKS_PER_BEAT / 60.0
