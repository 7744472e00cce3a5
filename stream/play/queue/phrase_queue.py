"""The music that waits to be played."""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.music.note import ticks_to_seconds
from stream.play.observer import Slot
from stream.play.queue.splice_points import next_seam, onsets
from stream.play.timing.scheduler import OFF, TimedMessage, timeline
from stream.play.timing.tempo_map import TempoMap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stream.music.note import Phrase
    from stream.play.queue.splice_points import SplicePoint

SAME_SECONDS = 1e-6
"""Times that differ by less are one."""
EDITS = 64
"""That are kept; whoever watches looks ten times a second."""


@dataclass(frozen=True, slots=True)
class Cut:
    """All that was queued from a time (s) on was taken out."""

    at: float


@dataclass(frozen=True, slots=True)
class Moved:
    """All that was queued from a time (s) on comes later by a delay (s)."""

    first: float
    delay: float


Edit = Slot | Cut | Moved


class PhraseQueue:
    """Phrases back to back in time, and their messages in order. Pure: it is told the time."""

    def __init__(self) -> None:
        self.messages: deque[TimedMessage] = deque()
        self.current: Slot | None = None
        """The phrase that has begun last."""
        self.upcoming: deque[Slot] = deque()
        self.end = 0.0
        """Seconds; the next phrase that is appended starts here."""
        self.music_seconds = 0.0
        """Length of all that was ever appended: the sum of whole phrases, free of any stall."""
        self.shifted = 0.0
        """Seconds by which `shift` has moved what was queued, all told."""
        self.edits: deque[Edit] = deque(maxlen=0)
        """What has become of the queue, for those who `watch`: whoever tells it takes it out."""
        self._line = TempoMap(0.0, 0, 120.0)
        self._ticks = 0

    def watch(self) -> None:
        """Keep the last edits from now on."""
        self.edits = deque(self.edits, maxlen=EDITS)

    def append(self, phrase: Phrase, about: Slot | None = None, *, earliest: float) -> None:
        """Queue `phrase` behind the others, and not before `earliest` (s).

        `about` is what else there is to know about it.
        """
        start = max(self.end, earliest)
        # One line as long as the tempo is the same: errors of rounding never add up.
        if phrase.bpm != self._line.bpm or abs(self._line.at(self._ticks) - start) > SAME_SECONDS:
            self._line = TempoMap(start, self._ticks, phrase.bpm)
        self.end = self._line.at(self._ticks + phrase.length)
        slot = about or Slot(phrase, start, start)
        slot = dataclasses.replace(slot, phrase=phrase, start=start, end=self.end, at=self._ticks)
        self.upcoming.append(slot)
        self.edits.append(slot)
        self._ticks += phrase.length
        self.messages.extend(timeline(phrase, start).messages)
        self.music_seconds += ticks_to_seconds(phrase.length, phrase.bpm)

    def begun(self, now: float) -> list[Slot]:
        """The phrases that have begun since the last call; the last one becomes `current`."""
        slots = []
        while self.upcoming and self.upcoming[0].start <= now:
            self.current = self.upcoming.popleft()
            slots.append(self.current)
        return slots

    def seconds(self, now: float) -> float:
        """How much music is left."""
        return max(self.end - now, 0.0)

    def sounding(self, now: float) -> Slot | None:
        """The phrase that has begun last, as far as it is heard: up to its next note."""
        seam = next_seam(self.slots(), now, onsets)
        return _until(self.current, seam) if self.current and seam else self.current

    def slots(self) -> list[Slot]:
        """What sounds and what waits."""
        return [slot for slot in (self.current, *self.upcoming) if slot is not None]

    def cut(self, seam: SplicePoint) -> list[Slot]:
        """Take out all that begins at the seam or later, and end there what sounds.

        Returns what was taken out; of the phrase that goes on beyond the seam, its rest.
        """
        edge = seam.time - SAME_SECONDS
        self.messages = deque(_ended(self.messages, seam.time))
        removed = [slot for slot in self.slots() if slot.start >= edge]
        if seam.slot not in removed:
            removed.insert(0, dataclasses.replace(seam.slot, begin=seam.tick))
        self.upcoming = deque(_until(slot, seam) for slot in self.upcoming if slot.start < edge)
        self.current = self.current and _until(self.current, seam)
        last = self.slots()[-1:]
        self._ticks = last[0].at + last[0].phrase.length if last else 0
        self.music_seconds -= max(self.end - seam.time, 0.0)
        self.end = min(self.end, seam.time)
        self.edits.append(Cut(seam.time))
        return removed

    def forget_sounding(self) -> None:
        """Take out the ends of the notes that sound: somebody else has ended them."""
        struck: set[tuple[int, int]] = set()
        kept = []
        for timed in self.messages:
            message = timed.message
            if message.type == "note_on":
                struck.add((message.channel, message.note))
            if message.type != "note_off" or (message.channel, message.note) in struck:
                kept.append(timed)
        self.messages = deque(kept)

    def shift(self, delay: float) -> None:
        """Move all that has not been played by `delay` (s) into the future."""
        self.shifted += delay
        self.retime(lambda time: time + delay)

    def pass_over(self, now: float, patience: float) -> None:
        """Leave out what is overdue at `now` (s) by more than `patience` (s).

        A note that ought to sound by now begins now; one that ought to have ended is not played.
        """
        if not self.messages or self.messages[0].time >= now - patience:
            return
        late = deque[TimedMessage]()
        while self.messages and self.messages[0].time < now:
            late.append(self.messages.popleft())
        self.messages.extendleft(reversed(list(_still_due(late, now))))

    def retime(self, moved: Callable[[float], float], bpm: float | None = None) -> None:
        """Move all that has not been played: from any time (s) to another, in the same order.

        `bpm` is the tempo that comes of it, if that is another.
        """
        first = self.messages[0].time if self.messages else self.end
        self.edits.append(Moved(first, moved(first) - first))
        self.messages = deque(
            dataclasses.replace(timed, time=moved(timed.time)) for timed in self.messages
        )
        self.upcoming = deque(_moved(slot, moved, bpm) for slot in self.upcoming)
        self.current = self.current and _moved(self.current, moved, bpm)
        self.end = moved(self.end)


def _moved(slot: Slot, moved: Callable[[float], float], bpm: float | None) -> Slot:
    phrase = dataclasses.replace(slot.phrase, bpm=bpm) if bpm else slot.phrase
    return dataclasses.replace(slot, start=moved(slot.start), end=moved(slot.end), phrase=phrase)


def _until(slot: Slot, seam: SplicePoint) -> Slot:
    """The slot when it ends at the seam, if the seam is within it."""
    if slot is not seam.slot:
        return slot
    ticks = max(round(slot.tick_at(seam.time)), 1)
    notes = tuple(note for note in slot.phrase.notes if note.onset < ticks)
    phrase = dataclasses.replace(slot.phrase, length=ticks, notes=notes)
    return dataclasses.replace(slot, phrase=phrase, end=seam.time, finish=seam.tick)


def _still_due(late: Iterable[TimedMessage], now: float) -> Iterator[TimedMessage]:
    """What of the messages is to be sent at `now` (s): ends, and notes that have not ended."""
    begun: dict[tuple[int, int], TimedMessage] = {}
    for timed in late:
        message = timed.message
        at_once = dataclasses.replace(timed, time=now)
        if message.type == "note_on":
            begun[message.channel, message.note] = at_once
        elif message.type != "note_off" or not begun.pop((message.channel, message.note), None):
            yield at_once
    yield from begun.values()


def _ended(messages: Iterable[TimedMessage], at: float) -> Iterator[TimedMessage]:
    """The messages before `at` (s), and there the ends of the notes that would sound longer."""
    struck: set[tuple[int, int]] = set()
    for timed in messages:
        message = timed.message
        if timed.time < at - SAME_SECONDS:
            yield timed
        elif message.type == "note_on":
            struck.add((message.channel, message.note))
        elif message.type == "note_off" and (message.channel, message.note) not in struck:
            yield TimedMessage(at, OFF, message)
