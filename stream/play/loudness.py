"""The loudness of a performance: the control `volume`, and the fades at beginnings and ends.

Fades stand still while the music does, so that it continues at the level at which it was paused.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.errors import SinkError

if TYPE_CHECKING:
    from stream.play.sinks.router import Router

STEP_SECONDS = 0.04
"""Seconds from one step of a fade to the next."""
LONGEST_STEP = 0.25
"""Most seconds by which a fade moves at once, after the whole player stood still."""


@dataclass(frozen=True, slots=True)
class Fade:
    """A straight line from one share to another, between two times (s)."""

    first: float = 1.0
    last: float = 1.0
    begin: float = 0.0
    end: float = 0.0

    def at(self, time: float) -> float:
        """Return the share at a time (s)."""
        if time >= self.end:
            return self.last
        done = max(time - self.begin, 0.0) / (self.end - self.begin)
        return self.first + (self.last - self.first) * done


class Loudness:
    """Sends the loudness to the outputs."""

    def __init__(self, outputs: Router, volume: float) -> None:
        self._outputs = outputs
        self._volume = Fade(volume, volume)
        self._fade = Fade()
        self._time = 0.0
        """Seconds for which fades could move."""
        self._sent_at = 0.0
        self._outputs.set_volume(volume, 0.0)

    @property
    def step_seconds(self) -> float | None:
        """Seconds until the next step of a fade; None if nothing fades."""
        fades = self._time < max(self._volume.end, self._fade.end)
        return STEP_SECONDS if fades else None

    @property
    def faded(self) -> float:
        """Share that the fades leave of the volume now, from 0 to 1."""
        return self._fade.at(self._time)

    def set_volume(self, volume: float, seconds: float = 0.0) -> None:
        """Move the volume within these seconds."""
        self._volume = Fade(self._volume.at(self._time), volume, self._time, self._time + seconds)

    def fade(self, share: float, seconds: float) -> None:
        """Fade within these seconds, from where the last fade has come to."""
        self._fade = Fade(self.faded, share, self._time, self._time + max(seconds, 0.0))

    def rise(self, seconds: float) -> None:
        """Fade in from silence within these seconds; with 0, be back at once."""
        self._fade = Fade(0.0, 1.0, self._time, self._time + seconds)

    def send(self, now: float, *, paused: bool) -> None:
        """Send the loudness at `now` (s, monotonic), if it has changed."""
        if not paused:
            self._time += min(max(now - self._sent_at, 0.0), LONGEST_STEP)
        self._sent_at = now
        self._outputs.set_volume(self._volume.at(self._time) * self.faded, now)

    def restore(self, now: float) -> None:
        """Give all channels their own levels back, for the player that comes next."""
        with contextlib.suppress(SinkError):  # a lost output has no level
            self._outputs.set_volume(1.0, now)
