"""Whether the music runs, and by whose tempo: hold, go on, begin at a given time, follow a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.note import TICKS_PER_BEAT
from stream.play.line import Line
from stream.play.seam import bar_lines, next_seam, onsets

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.play.phrase_queue import PhraseQueue

ALIGNED_TICKS = 4 * TICKS_PER_BEAT
"""Where a line is joined in the middle, our bar lines come on its every fourth beat."""


class Transport:
    """Moves the queue in time. `clock` gives monotonic seconds."""

    def __init__(self, queue: PhraseQueue, clock: Callable[[], float]) -> None:
        self.held: float | None = None
        """Where the music stands still (s, monotonic); None while it runs."""
        self.line: Line | None = None
        """The tempo that is followed, in ticks since the other's start."""
        self._queue = queue
        self._clock = clock
        self._joined = False

    def now(self) -> float:
        """The time (s) as far as music has come: it stands still while the music is held."""
        return self._clock() if self.held is None else self.held

    def hold(self) -> None:
        """Stand still; whoever calls silences what sounds."""
        if self.held is None:
            self.held = self._clock()
            self._queue.forget_sounding()

    def go(self) -> None:
        """Go on from where it stands."""
        if self.held is not None:
            self._queue.shift(self._clock() - self.held)
            self.held = None
            self._joined = False

    def start(self, at: float) -> None:
        """Begin at `at` (s) with the next phrase that has not begun, or with what is left."""
        now = self.now()
        head = next((slot.start for slot in self._queue.upcoming if slot.start >= now), None)
        if head is None:
            seam = next_seam(self._queue.slots(), now, onsets)
            head = seam.time if seam else self._queue.end
        self._queue.skip(head)
        ours = Line(head, 0.0, self._bpm())
        line = Line(at, 0.0, self.line.bpm if self.line else ours.bpm)
        self._queue.retime(lambda time: line.at(ours.tick_at(time)), line.bpm)
        self.held = None
        self.line, self._joined = line, True

    def follow(self, line: Line) -> None:
        """Keep to a line from now on; what is queued moves with it."""
        if self.held is not None:
            self.line = line
            return
        before = self.line if self._joined and self.line else self._join(line)
        self.line, self._joined = line, True
        self._queue.retime(lambda time: line.at(before.tick_at(time)), line.bpm)

    def _bpm(self) -> float:
        """Of what is queued."""
        return next((slot.phrase.bpm for slot in self._queue.slots()), 120.0)

    def _join(self, line: Line) -> Line:
        """Our own line, with a bar line where the other's next fourth beat is to be."""
        seam = next_seam(self._queue.slots(), self.now(), bar_lines)
        time = seam.time if seam else self._queue.end
        bars = -(-line.tick_at(time) // ALIGNED_TICKS)
        return Line(time, bars * ALIGNED_TICKS, self._bpm())
