"""The transport: pause, continue, start at a given time, and follow an external tempo map."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from stream.music.note import TICKS_PER_BEAT
from stream.music.tune_facts import DEFAULT_BPM
from stream.play.queue.splice_points import bar_lines, next_splice_point, onsets
from stream.play.timing.tempo_map import TempoMap

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.play.observer import Slot
    from stream.play.queue.phrase_queue import PhraseQueue

START_SECONDS = 0.02
"""Seconds from the decision to continue to the first note."""
ALIGNED_TICKS = 4 * TICKS_PER_BEAT
"""Ticks of four beats: our bar lines fall on every fourth beat of an external tempo map."""
OVERDUE_SECONDS = 0.05
"""Seconds of lateness above which music is skipped after a jump of the tempo map."""
NEAR_SECONDS = 1.0
"""Longest wait in seconds for the external clock to continue; else the music continues at once."""


class Transport:
    """Moves the queue in time. `clock` returns monotonic seconds."""

    def __init__(self, queue: PhraseQueue, clock: Callable[[], float]) -> None:
        self.paused_at: float | None = None
        """Time at which the music was paused (s, monotonic); None while it runs."""
        self.tempo_map: TempoMap | None = None
        """The external tempo map that is followed, in ticks since the start of the external clock.
        """
        self._queue = queue
        self._clock = clock
        self._alignment: TempoMap | None = None
        """The external tempo map to which the queue was aligned last; None before that."""
        self._shifted_before = 0.0
        """Value of the queue's `shifted` at that alignment."""

    def now(self) -> float:
        """Return the music's time (s): it stands still while the music is paused."""
        return self._clock() if self.paused_at is None else self.paused_at

    def pause(self) -> None:
        """Pause; the caller ends the notes that sound."""
        if self.paused_at is None:
            self.paused_at = self._clock()
            self._queue.drop_note_offs()

    def resume(self) -> None:
        """Continue where the music was paused."""
        if self.paused_at is not None:
            self._queue.shift(self._clock() - self.paused_at)
            self.paused_at = None
            self._alignment = None

    def continue_at(self, at: float) -> None:
        """Continue where the music was paused at `at` (s), when the external clock continues.

        The next tempo map to follow gives the beat of that time, and puts the music in phase.
        """
        if self.paused_at is None:
            return
        now = self._clock()
        self._align(self._current_alignment() or self._bar_line_map())
        self._queue.shift((at if abs(at - now) < NEAR_SECONDS else now) - self.paused_at)
        self.paused_at = None

    def start(self, at: float) -> None:
        """Start at `at` (s) with the next phrase that has not begun, or with what is left."""
        self._straighten()
        head = self._skip_to(lambda _: True)
        own_map = TempoMap(head, 0.0, self._bpm())
        tempo_map = TempoMap(at, 0.0, self.tempo_map.bpm if self.tempo_map else own_map.bpm)
        self._queue.retime(lambda time: tempo_map.at(own_map.tick_at(time)), tempo_map.bpm)
        self.paused_at = None
        self.tempo_map = tempo_map
        # An empty queue joins the tempo map as soon as it has music.
        self._align(tempo_map if self._queue.slots() else None)

    def jump(self, matches: Callable[[Slot], bool]) -> None:
        """Continue with the first phrase not begun that `matches` accepts."""
        head = self._skip_to(matches)
        self._queue.shift(self._clock() + START_SECONDS - head)
        self.paused_at = None
        self._alignment = None

    def follow(self, tempo_map: TempoMap) -> None:
        """Follow a tempo map from now on; what is queued moves with it.

        After a jump of the map, the music continues at the nearest time with the same position
        between two bar lines: it waits until then, or skips what lies before.
        """
        self.tempo_map = tempo_map
        if self.paused_at is not None or not self._queue.slots():
            return
        own_map = self._current_alignment()
        previous = self._moved_by_bars(own_map, tempo_map) if own_map else self._joined(tempo_map)
        self._queue.retime(lambda time: tempo_map.at(previous.tick_at(time)), tempo_map.bpm)
        self._align(tempo_map)
        self._queue.skip_overdue(self._clock(), OVERDUE_SECONDS)

    def _align(self, tempo_map: TempoMap | None) -> None:
        """Remember that the queue is aligned to this tempo map now."""
        self._alignment, self._shifted_before = tempo_map, self._queue.shifted

    def _current_alignment(self) -> TempoMap | None:
        """Return the alignment, moved by as much as the queue was shifted since."""
        if self._alignment is None:
            return None
        delay = self._queue.shifted - self._shifted_before
        return dataclasses.replace(self._alignment, time=self._alignment.time + delay)

    def _moved_by_bars(self, own_map: TempoMap, tempo_map: TempoMap) -> TempoMap:
        """Return our own map, moved by whole bars as near to the external one as possible."""
        now = self._clock()
        bars = round((tempo_map.tick_at(now) - own_map.tick_at(now)) / ALIGNED_TICKS)
        return dataclasses.replace(own_map, tick=own_map.tick + bars * ALIGNED_TICKS)

    def _bar_line_map(self) -> TempoMap | None:
        """Return our own map, whose beat 0 is the start of the music, or the next bar line."""
        self._straighten()
        slots = self._queue.slots()
        if not slots:
            return None
        splice_point = (
            None if self._queue.current is None else next_splice_point(slots, self.now(), bar_lines)
        )
        return TempoMap(splice_point.time if splice_point else slots[0].start, 0.0, self._bpm())

    def _skip_to(self, matches: Callable[[Slot], bool]) -> float:
        """Remove what lies before the first phrase not begun that `matches`; return its time (s).

        If there is no such phrase, the rest of what has begun is kept.
        """
        now = self.now()
        splice_point = next_splice_point(self._queue.slots(), now, onsets)
        later = [slot for slot in self._queue.upcoming if slot.start >= now]
        chosen = next((slot for slot in later if matches(slot)), None)
        if splice_point is None or chosen is None:
            return splice_point.time if splice_point else self._queue.end
        for slot in self._queue.cut(splice_point):
            if slot.start >= chosen.start:
                self._queue.append(slot.phrase, slot, earliest=splice_point.time)
        return splice_point.time

    def _straighten(self) -> None:
        """Give all that is queued the tempo of the first phrase.

        An external tempo map moves the queue along one line, but each tune may have its own tempo.
        """
        slots = self._queue.slots()
        if len({slot.phrase.bpm for slot in slots}) <= 1:
            return
        first = slots[0]
        line = TempoMap(first.start, first.at, first.phrase.bpm)

        def moved(time: float) -> float:
            slot = next((each for each in reversed(slots) if each.start <= time), first)
            return line.at(slot.at + slot.tick_at(time))

        self._queue.retime(moved, line.bpm)

    def _bpm(self) -> float:
        """Return the tempo of what is queued."""
        return next((slot.phrase.bpm for slot in self._queue.slots()), DEFAULT_BPM)

    def _joined(self, tempo_map: TempoMap) -> TempoMap:
        """Return our own map, with a bar line at the external map's next fourth beat."""
        self._straighten()
        splice_point = next_splice_point(self._queue.slots(), self.now(), bar_lines)
        time = splice_point.time if splice_point else self._queue.end
        bars = -(-tempo_map.tick_at(time) // ALIGNED_TICKS)
        return TempoMap(time, bars * ALIGNED_TICKS, self._bpm())
