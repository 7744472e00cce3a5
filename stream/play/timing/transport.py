"""Whether the music runs, and by whose tempo: hold, go on, begin at a given time, follow a line."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from stream.music.note import TICKS_PER_BEAT
from stream.play.queue.splice_points import bar_lines, next_seam, onsets
from stream.play.timing.tempo_map import TempoMap

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.play.observer import Slot
    from stream.play.queue.phrase_queue import PhraseQueue

START_SECONDS = 0.02
"""From the decision to go on to the first note."""
ALIGNED_TICKS = 4 * TICKS_PER_BEAT
"""Where a line is joined in the middle, our bar lines come on its every fourth beat."""
OVERDUE_SECONDS = 0.05
"""Music that is later than this when a line has moved is passed over: the rest is in time then."""
NEAR_SECONDS = 1.0
"""Where somebody else goes on is not further away than this; else we go on at once."""


class Transport:
    """Moves the queue in time. `clock` gives monotonic seconds."""

    def __init__(self, queue: PhraseQueue, clock: Callable[[], float]) -> None:
        self.held: float | None = None
        """Where the music stands still (s, monotonic); None while it runs."""
        self.line: TempoMap | None = None
        """The tempo that is followed, in ticks since the other's start."""
        self._queue = queue
        self._clock = clock
        self._ours: TempoMap | None = None
        """Which tick of the other's each moment of the queue belongs to; None: none does yet."""
        self._shifted = 0.0
        """Seconds by which the queue had been shifted when that was so."""

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
            self._ours = None

    def resume(self, at: float) -> None:
        """Go on from where it stands at `at` (s), where somebody else goes on.

        The next line that is followed tells which beat that is, and puts the music in phase.
        """
        if self.held is None:
            return
        now = self._clock()
        self._label(self._labels() or self._bars())
        self._queue.shift((at if abs(at - now) < NEAR_SECONDS else now) - self.held)
        self.held = None

    def start(self, at: float) -> None:
        """Begin at `at` (s) with the next phrase that has not begun, or with what is left."""
        head = self._skip(lambda _: True)
        ours = TempoMap(head, 0.0, self._bpm())
        line = TempoMap(at, 0.0, self.line.bpm if self.line else ours.bpm)
        self._queue.retime(lambda time: line.at(ours.tick_at(time)), line.bpm)
        self.held = None
        self.line = line
        # What has nothing to begin with joins as soon as it has.
        self._label(line if self._queue.slots() else None)

    def jump(self, wanted: Callable[[Slot], bool]) -> None:
        """Go on with the first phrase not begun that is wanted."""
        head = self._skip(wanted)
        self._queue.shift(self._clock() + START_SECONDS - head)
        self.held = None
        self._ours = None

    def follow(self, line: TempoMap) -> None:
        """Keep to a line from now on; what is queued moves with it.

        Where the line has jumped, the music goes on at the nearest moment that has the same place
        between two bar lines: it waits for it, or passes over what is before it.
        """
        self.line = line
        if self.held is not None or not self._queue.slots():
            return
        ours = self._labels()
        before = self._jumped(ours, line) if ours else self._join(line)
        self._queue.retime(lambda time: line.at(before.tick_at(time)), line.bpm)
        self._label(line)
        self._queue.pass_over(self._clock(), OVERDUE_SECONDS)

    def _label(self, line: TempoMap | None) -> None:
        """The queue is in phase with this line now."""
        self._ours, self._shifted = line, self._queue.shifted

    def _labels(self) -> TempoMap | None:
        """The other's tick at each time of the queue, which may have been shifted since."""
        if self._ours is None:
            return None
        delay = self._queue.shifted - self._shifted
        return dataclasses.replace(self._ours, time=self._ours.time + delay)

    def _jumped(self, ours: TempoMap, line: TempoMap) -> TempoMap:
        """Our own line, moved by whole bars so that it is as near to the other's as can be."""
        now = self._clock()
        bars = round((line.tick_at(now) - ours.tick_at(now)) / ALIGNED_TICKS)
        return dataclasses.replace(ours, tick=ours.tick + bars * ALIGNED_TICKS)

    def _bars(self) -> TempoMap | None:
        """Our own line, with a bar line at its beat 0: where music begins, or the next one."""
        slots = self._queue.slots()
        if not slots:
            return None
        seam = None if self._queue.current is None else next_seam(slots, self.now(), bar_lines)
        return TempoMap(seam.time if seam else slots[0].start, 0.0, self._bpm())

    def _skip(self, wanted: Callable[[Slot], bool]) -> float:
        """Take out what comes before the first phrase not begun that is wanted; when that is (s).

        Where there is none, the rest of what has begun is kept.
        """
        now = self.now()
        seam = next_seam(self._queue.slots(), now, onsets)
        later = [slot for slot in self._queue.upcoming if slot.start >= now]
        chosen = next((slot for slot in later if wanted(slot)), None)
        if seam is None or chosen is None:
            return seam.time if seam else self._queue.end
        for slot in self._queue.cut(seam):
            if slot.start >= chosen.start:
                self._queue.append(slot.phrase, slot, earliest=seam.time)
        return seam.time

    def _bpm(self) -> float:
        """Of what is queued."""
        return next((slot.phrase.bpm for slot in self._queue.slots()), 120.0)

    def _join(self, line: TempoMap) -> TempoMap:
        """Our own line, with a bar line where the other's next fourth beat is to be."""
        seam = next_seam(self._queue.slots(), self.now(), bar_lines)
        time = seam.time if seam else self._queue.end
        bars = -(-line.tick_at(time) // ALIGNED_TICKS)
        return TempoMap(time, bars * ALIGNED_TICKS, self._bpm())
