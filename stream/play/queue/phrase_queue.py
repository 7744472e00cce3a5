"""The queue of phrases that wait to be played."""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.music.note import TENTHS, ticks_to_seconds
from stream.play.observer import Slot
from stream.play.queue.splice_points import next_splice_point, onsets
from stream.play.timing.scheduler import OFF, TimedMessage, timeline
from stream.play.timing.tempo_map import TempoMap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stream.music.note import Phrase
    from stream.play.queue.splice_points import SplicePoint

SAME_SECONDS = 1e-6
"""Seconds below which two times count as equal."""
NOTE_TYPES = frozenset({"note_on", "note_off"})
EDITS = 64
"""Largest number of unread edits; observers read them ten times a second."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Records that everything queued from a time (s) on was removed."""

    at: float


@dataclass(frozen=True, slots=True)
class Shifted:
    """Records that everything queued from a time (s) on was moved later by a delay (s)."""

    first: float
    delay: float


Edit = Slot | Cut | Shifted


class PhraseQueue:
    """Phrases back to back in time, and their messages in order. Pure: callers pass the time."""

    def __init__(self) -> None:
        self.messages: deque[TimedMessage] = deque()
        self.current: Slot | None = None
        """The phrase that has begun last."""
        self.upcoming: deque[Slot] = deque()
        self.end = 0.0
        """End of the queue in seconds; the next phrase that is appended starts here."""
        self.music_seconds = 0.0
        """Length of all phrases ever appended, without the time the process stood still."""
        self.shifted = 0.0
        """Total seconds by which `shift` has moved what was queued."""
        self.edits: deque[Edit] = deque(maxlen=0)
        """Edits of the queue since `watch`; the reader removes them."""
        self._tempo_map = TempoMap(0.0, 0, 120.0)
        self._ticks = 0

    def watch(self) -> None:
        """Store the last edits from now on."""
        self.edits = deque(self.edits, maxlen=EDITS)

    def append(self, phrase: Phrase, details: Slot | None = None, *, earliest: float) -> None:
        """Append `phrase`, to start after the others and not before `earliest` (s).

        `details` holds everything else that is known about the phrase.
        """
        start = max(self.end, earliest)
        # One tempo map as long as the tempo stays the same: rounding errors never add up.
        if (
            phrase.bpm != self._tempo_map.bpm
            or abs(self._tempo_map.at(self._ticks) - start) > SAME_SECONDS
        ):
            self._tempo_map = TempoMap(start, self._ticks, phrase.bpm)
        self.end = self._tempo_map.at(self._ticks + phrase.length)
        slot = details or Slot(phrase, start, start)
        slot = dataclasses.replace(slot, phrase=phrase, start=start, end=self.end, at=self._ticks)
        last = next(reversed(self.slots()), None)
        previous = (last.ensemble, last.phrase) if last else ()
        self.upcoming.append(slot)
        self.edits.append(slot)
        self._ticks += phrase.length
        self.messages.extend(timeline(phrase, start, slot.ensemble, *previous).messages)
        self.music_seconds += ticks_to_seconds(phrase.length, phrase.bpm)

    def begun(self, now: float) -> list[Slot]:
        """Return the phrases begun since the last call; the last one becomes `current`."""
        slots = []
        while self.upcoming and self.upcoming[0].start <= now:
            self.current = self.upcoming.popleft()
            slots.append(self.current)
        return slots

    def seconds(self, now: float) -> float:
        """Return the seconds of music that are left."""
        return max(self.end - now, 0.0)

    def sounding(self, now: float) -> Slot | None:
        """Return the phrase that has begun last, cut at its next note: the part played so far."""
        splice_point = next_splice_point(self.slots(), now, onsets)
        return _until(self.current, splice_point) if self.current and splice_point else self.current

    def slots(self) -> list[Slot]:
        """Return the current phrase and those that wait."""
        return [slot for slot in (self.current, *self.upcoming) if slot is not None]

    def cut(self, splice_point: SplicePoint) -> list[Slot]:
        """Remove everything that begins at the splice point or later, and end there what sounds.

        Returns what was removed, including the rest of the phrase that the splice point divides.
        """
        limit = splice_point.time - SAME_SECONDS
        self.messages = deque(_cut_messages(self.messages, splice_point))
        removed = [slot for slot in self.slots() if slot.start >= limit]
        if splice_point.slot not in removed:
            removed.insert(0, dataclasses.replace(splice_point.slot, begin=splice_point.tick))
        self.upcoming = deque(
            _until(slot, splice_point) for slot in self.upcoming if slot.start < limit
        )
        self.current = self.current and _until(self.current, splice_point)
        last = self.slots()[-1:]
        self._ticks = last[0].at + last[0].phrase.length if last else 0
        # A clock may have stretched what is cut off.
        self.music_seconds -= min(max(self.end - splice_point.time, 0.0), self.music_seconds)
        self.end = min(self.end, splice_point.time)
        self.edits.append(Cut(splice_point.time))
        return removed

    def drop_note_offs(self) -> None:
        """Drop the note-offs of the notes that sound: the caller has ended them already."""
        begun_notes: set[tuple[int, int]] = set()
        messages = []
        for timed in self.messages:
            message = timed.message
            if message.type == "note_on":
                begun_notes.add((message.channel, message.note))
            if message.type != "note_off" or (message.channel, message.note) in begun_notes:
                messages.append(timed)
        self.messages = deque(messages)

    def shift(self, delay: float) -> None:
        """Move everything that has not been played by `delay` (s) into the future."""
        self.shifted += delay
        self.retime(lambda time: time + delay)

    def skip_overdue(self, now: float, tolerance: float) -> None:
        """Drop what is overdue at `now` (s) by more than `tolerance` (s).

        A note that should sound by now begins now; one that should have ended is not played.
        """
        if not self.messages or self.messages[0].time >= now - tolerance:
            return
        overdue = deque[TimedMessage]()
        while self.messages and self.messages[0].time < now:
            overdue.append(self.messages.popleft())
        self.messages.extendleft(reversed(list(_still_relevant(overdue, now))))

    def retime(self, mapping: Callable[[float], float], bpm: float | None = None) -> None:
        """Map the time (s) of everything that has not been played; `mapping` keeps the order.

        `bpm` is the resulting tempo, if it changes.
        """
        first = self.messages[0].time if self.messages else self.end
        self.edits.append(Shifted(first, mapping(first) - first))
        self.messages = deque(
            dataclasses.replace(
                timed,
                time=mapping(timed.time),
                grid=None if timed.grid is None else mapping(timed.grid),
            )
            for timed in self.messages
        )
        self.upcoming = deque(_retimed(slot, mapping, bpm) for slot in self.upcoming)
        self.current = self.current and _retimed(self.current, mapping, bpm)
        self.end = mapping(self.end)


def _retimed(slot: Slot, mapping: Callable[[float], float], bpm: float | None) -> Slot:
    phrase = dataclasses.replace(slot.phrase, bpm=bpm) if bpm else slot.phrase
    return dataclasses.replace(
        slot, start=mapping(slot.start), end=mapping(slot.end), phrase=phrase
    )


def _until(slot: Slot, splice_point: SplicePoint) -> Slot:
    """Return the slot cut at the splice point, if that lies within it."""
    if slot is not splice_point.slot:
        return slot
    ticks = max(round(slot.tick_at(splice_point.time)), 1)
    notes = tuple(note for note in slot.phrase.notes if note.onset < ticks)
    phrase = dataclasses.replace(slot.phrase, length=ticks, notes=notes)
    return dataclasses.replace(slot, phrase=phrase, end=splice_point.time, finish=splice_point.tick)


def _still_relevant(overdue: Iterable[TimedMessage], now: float) -> Iterator[TimedMessage]:
    """Yield the messages to be sent at `now` (s): note ends, and notes that have not ended."""
    begun: dict[tuple[int, int], TimedMessage] = {}
    for timed in overdue:
        message = timed.message
        due_now = dataclasses.replace(timed, time=now)
        if message.type == "note_on":
            begun[message.channel, message.note] = due_now
        elif message.type != "note_off" or not begun.pop((message.channel, message.note), None):
            yield due_now
    yield from begun.values()


def _cut_messages(
    messages: Iterable[TimedMessage], splice_point: SplicePoint
) -> list[TimedMessage]:
    """Return the messages before the splice point, and there the ends of notes that last longer.

    The grid decides: a note that lies behind the splice point is removed, even if it is performed
    early; one that lies before it and is performed late is played just before it.
    """
    at = splice_point.time
    last = at - ticks_to_seconds(1 / TENTHS, splice_point.slot.phrase.bpm)
    removed: set[tuple[int, int]] = set()
    kept = []
    for timed in messages:
        message = timed.message
        key = (message.channel, message.note) if message.type in NOTE_TYPES else None
        is_before = timed.time < at - SAME_SECONDS
        if message.type == "note_on" and timed.on_grid >= at - SAME_SECONDS:
            removed.add((message.channel, message.note))
        elif key in removed:
            continue
        elif is_before:
            kept.append(timed)
        elif message.type == "note_on":
            kept.append(dataclasses.replace(timed, time=last))
        elif message.type == "note_off":
            kept.append(TimedMessage(at, OFF, message, timed.roles))
    return sorted(kept)
