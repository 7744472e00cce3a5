"""Notes that a person plays while the band follows, on the time line of the queue.

The rest of what is queued is requested anew before each bar line, with what was played until then.
If the answer is late, what was queued before plays on, and the answer begins at a later bar line.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import TYPE_CHECKING

from stream.music.note import TICKS_PER_BEAT, Note, ticks_to_seconds
from stream.play.queue.requested import SPARE_SECONDS
from stream.play.queue.splice_points import bar_lines, next_splice_point

if TYPE_CHECKING:
    from stream.music.stream_position import StreamPosition
    from stream.play.observer import Slot
    from stream.play.queue.phrase_queue import PhraseQueue
    from stream.play.queue.requested import AnswerTimes
    from stream.play.queue.splice_points import SplicePoint

LOOKAHEAD_SECONDS = 8.0
"""Seconds of music to keep queued while nobody is followed."""
MOST_NOTES = 512
"""Number of notes that are remembered; the last ones remain."""
LONGEST = 4 * TICKS_PER_BEAT
"""Most ticks of a note; the end of a longer one counts as lost."""


class Listening:
    """Notes that a person plays, and when to request the next bar.

    The band follows by so many bars `behind`; 0: nobody is followed. `times` are the composer's.
    """

    def __init__(self, queue: PhraseQueue, times: AnswerTimes, behind: int) -> None:
        self._queue, self._times = queue, times
        self._behind = behind
        self._notes: deque[Note] = deque(maxlen=MOST_NOTES)
        """Ended notes; onsets in ticks since the queue's first phrase."""
        self._sounding: dict[int, tuple[int, int]] = {}
        """Onset (ticks) and velocity of sounding notes by pitch."""
        self._requested = 0.0
        """Time of the last bar line whose bar was requested (s)."""

    def message(self, time: float, pitch: int, velocity: int) -> None:
        """Begin a note at `time` (s), or end it if its velocity is 0."""
        tick = self._tick(time)
        if pitch in self._sounding:
            onset, loud = self._sounding.pop(pitch)
            self._notes.append(Note(onset, min(max(tick - onset, 1), LONGEST), pitch, loud))
        if velocity:
            self._sounding[pitch] = tick, velocity

    @property
    def lookahead(self) -> float:
        """Seconds of music to keep queued."""
        return self._lead if self._behind else LOOKAHEAD_SECONDS

    @property
    def due(self) -> float | None:
        """Time at which to request the next bar (s); None if there is no bar line to come."""
        found = self._next() if self._behind else None
        return None if found is None else found.time - self._lead

    def request(self, now: float) -> bool:
        """Return True if the next bar is to be requested now, once for each bar."""
        due, found = self.due, self._next()
        if due is None or found is None or now < due:
            return False
        self._requested = found.time
        return True

    @property
    def _lead(self) -> float:
        """Seconds from a request to its bar line: a beat, or more if the composer needs it."""
        slot = self._queue.current
        beat = ticks_to_seconds(TICKS_PER_BEAT, slot.phrase.bpm) if slot else 0.0
        return max(beat, self._times.lead + SPARE_SECONDS)

    def _next(self) -> SplicePoint | None:
        """Return the first bar line whose bar was not requested yet."""
        return next_splice_point(self._queue.slots(), self._requested, bar_lines)

    def heard(self, position: StreamPosition, splice_point: SplicePoint | None) -> StreamPosition:
        """Return the position with what was played before it, if the band follows."""
        if not self._behind:
            return position
        begin = _tick_of(splice_point, self._queue.slots())
        self._requested = splice_point.time if splice_point else self._queue.end
        notes = [note for note in self._notes if note.onset < begin]
        notes += [
            Note(onset, min(max(begin - onset, 1), LONGEST), pitch, loud)
            for pitch, (onset, loud) in self._sounding.items()
            if onset < begin
        ]
        played = tuple(note.moved(-begin) for note in sorted(notes, key=_onset))
        return dataclasses.replace(position, played=played, behind=self._behind)

    def _tick(self, time: float) -> int:
        slot = self._queue.current
        return round(slot.at + slot.tick_at(time)) if slot else 0


def _tick_of(splice_point: SplicePoint | None, slots: list[Slot]) -> int:
    """Return the queue's tick at a splice point; None stands for the end of the queue."""
    if splice_point is not None:
        return round(splice_point.slot.at + splice_point.slot.tick_at(splice_point.time))
    return slots[-1].at + slots[-1].phrase.length if slots else 0


def _onset(note: Note) -> int:
    return note.onset
