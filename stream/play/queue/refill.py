"""Keeps the queue filled: what to request from the composer, and where its answers go.

A moved control changes what is already queued, from the next splice point on. What the player
itself applies to a phrase (tempo, key and so on) is applied at once. For what the composer applies,
the rest of the phrase is requested again and replaces the old one when it arrives. Until then the
old one plays, and the part of a late answer that would lie in the past is dropped: the queue never
runs dry because of a control.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import TYPE_CHECKING

from stream.music.controls import CONTROLS, User, used_by
from stream.music.note import TENTHS, ticks_to_seconds
from stream.music.stream_position import StreamPosition, opening
from stream.music.tune_facts import tempo_of
from stream.play.observer import Slot
from stream.play.queue.arrange import arranged
from stream.play.queue.composer_request import ComposerRequest
from stream.play.queue.kept_tunes import KeptTunes
from stream.play.queue.routing import route
from stream.play.queue.splice_points import bar_lines, next_splice_point, onsets, relocated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stream.music.favourite import Favourite
    from stream.music.note import Controls, Note, Phrase
    from stream.play.composer.phrase_client import PhraseClient
    from stream.play.queue.composer_request import PositionChange
    from stream.play.queue.phrase_queue import PhraseQueue
    from stream.play.queue.splice_points import SplicePoint
    from stream.play.recording.format import Played
    from stream.play.session import Session

START_SECONDS = 0.02
"""Seconds from the arrival of the first phrase to its first note."""
REPEATABLE = 8
"""Number of phrases that can be repeated when the composer is late."""
SPLICE_SECONDS = 0.002
"""Seconds before a splice point that are needed to replace the old phrase."""
LEAD_SECONDS = 0.05
"""Least seconds that the composer gets before a splice point."""
LEAD_SHARE = 1.5
"""Factor from the composer's usual answer time to the time it gets before a splice point.

A larger factor delays what is heard; if the time is too short, only the answer's head is lost.
"""
SPARE_SECONDS = 0.1
"""Least seconds of music after a splice point beyond the lead, so that what follows is in time."""
MEDIAN_OF = 5
"""Number of answers whose median is the usual answer time: some take ten times as long."""


class Refill:
    """Requests phrases and queues them. Callers pass the time (s, monotonic)."""

    def __init__(self, client: PhraseClient, queue: PhraseQueue, session: Session) -> None:
        self.controls = session.controls
        self.tempo: float | None = None
        """Quarter notes a minute of an external clock; None: that of controls or tune."""
        self._profile = session.profile
        self._ensembles = session.ensembles
        self.responding = False
        """True while what a person has played waits for a response."""
        self._client = client
        self._queue = queue
        self._ticks_of: Callable[[Phrase], Iterable[int]] = (
            onsets if session.responsive else bar_lines
        )
        self._position = opening(session.seed, session.controls)
        """Position after everything that is queued."""
        self._recent: deque[Phrase] = deque(maxlen=REPEATABLE)
        self._repeated = 0
        self._changes: tuple[PositionChange, ...] = ()
        """Changes of the position that were not requested from the composer yet."""
        self._requested = ComposerRequest(self._position, 0.0)
        self._answer_seconds: deque[float] = deque(maxlen=MEDIAN_OF)
        """Seconds that the last answers took."""
        self._lead = LEAD_SECONDS
        self.kept = KeptTunes(queue)
        self.favourites: tuple[Favourite, ...] = ()

    @property
    def urgent(self) -> bool:
        """True if there is something to request although the queue is full."""
        return bool(self._changes) and self._client.ready

    def request(self, now: float) -> None:
        """Request what comes next; call only while the composer is idle."""
        position, splice_point = self._position, None
        changes: tuple[PositionChange, ...] = ()
        if self.urgent and self._queue.music_seconds:
            changes, self._changes = self._changes, ()
            splice_point = self._next_splice_point(now + self._lead, self._slots_for(changes))
            position = self._position_at(splice_point)
            for change in self.kept.leaving(splice_point, changes):
                position = change(position)
        position = dataclasses.replace(position, controls=self.controls, favourites=self.favourites)
        self._requested = ComposerRequest(position, now, splice_point, changes)
        self._client.request(position.request)

    def receive(self, now: float) -> list[Phrase]:
        """Queue the composer's answers, and return them. Raises `ComposerError`."""
        phrases = self._client.receive()
        for phrase in phrases:
            self._answer_seconds.append(now - self._requested.at)
            median = sorted(self._answer_seconds)[len(self._answer_seconds) // 2]
            self._lead = max(LEAD_SECONDS, LEAD_SHARE * median)
            if phrase.verdict.passed or not any(each.verdict.passed for each in self._recent):
                self._recent.append(phrase)
            self._repeated = 0
            self._queue_answer(phrase, now)
        return phrases

    def repeat(self, now: float) -> None:
        """Play a phrase of the last tune again, to avoid silence."""
        phrase = self._recent[self._repeated % len(self._recent)]
        self._repeated += 1
        slot = Slot(phrase, now, now, repeat=True, source=phrase, finish=phrase.length)
        self._queue.append(*self._arranged(slot), earliest=now)

    def play_again(self, name: str, parts: Sequence[Played], now: float) -> None:
        """Play the parts of a kept tune before the next tune. Raises `SettingsError`."""
        self.kept.put(name, [(part, *part.sound(self._profile, self._ensembles)) for part in parts])
        for slot in self.kept.insert(now):
            self._queue.append(*self._arranged(slot), earliest=now)

    def set_controls(self, controls: Controls, now: float) -> None:
        """Apply other controls from now on."""
        before, self.controls = self.controls, controls
        moved = {n for n in CONTROLS if getattr(before, n) != getattr(controls, n)}
        if not moved.isdisjoint(used_by(User.PLAYER)):
            self._rearrange(now)
        if not moved.isdisjoint(used_by(User.COMPOSER)):
            self.recompose(lambda position: position)

    def recompose(self, change: PositionChange) -> None:
        """Have the composer continue from a changed position, such as the next tune."""
        self._changes = (*self._changes, change)

    def call(self, notes: tuple[Note, ...], ticks: int, bpm: float) -> None:
        """Have the composer respond to what a person has played, from the next splice point on.

        Onsets are negative: ticks from the end of what was played, which was `ticks` long at `bpm`.
        """
        self.responding = True
        self.recompose(lambda position: position.responding(notes, ticks, bpm))

    def _slots_for(self, changes: Iterable[PositionChange]) -> list[Slot]:
        """Return the slots that these changes may change: a kept tune can only be left."""
        slots, changes = self._queue.slots(), tuple(changes)
        if any(change(self._position).tune != self._position.tune for change in changes):
            return slots
        return [slot for slot in slots if slot.kept is None]

    def _next_splice_point(self, after: float, slots: Sequence[Slot]) -> SplicePoint | None:
        """Return the first splice point after `after` (s) that leaves enough of its phrase."""
        splice_point = next_splice_point(slots, after, self._ticks_of)
        while (
            splice_point is not None
            and splice_point.slot.end - splice_point.time < self._lead + SPARE_SECONDS
        ):
            splice_point = next_splice_point(slots, splice_point.time, self._ticks_of)
        return splice_point

    def _position_at(self, splice_point: SplicePoint | None) -> StreamPosition:
        """Return the stream's position at a splice point; None means the end of the queue."""
        if splice_point is None:
            return self._position
        slot, index = splice_point.slot, self._position.index
        if slot.before is None:
            # A repeat does not belong to the stream, which continues after it.
            later = (each.before for each in self._queue.slots() if each.start > slot.start)
            return next((before.reindexed(index) for before in later if before), self._position)
        if splice_point.tick == 0 or slot.source is None:
            return slot.before.reindexed(index)
        return slot.before.within(slot.source, splice_point.tick, index)

    def _queue_answer(self, phrase: Phrase, now: float) -> None:
        """Queue an answer at its splice point, or as soon after it as possible."""
        requested, begin = self._requested, 0
        if requested.splice_point is not None:
            splice_point = self._splice_point_for(requested.splice_point, phrase, now)
            if splice_point is None:
                self._lead = max(self._lead, LEAD_SHARE * self._answer_seconds[-1])
                self._changes = (*requested.changes, *self._changes)
                return
            if not requested.opens:
                begin = splice_point.tick - requested.splice_point.tick
            self.kept.restore(self._queue.cut(splice_point))
        if requested.begins_tune:
            self.kept.append(now + START_SECONDS)
        self.responding = self.responding and not requested.position.call
        self._position = requested.position.after(phrase)
        slot = Slot(
            phrase,
            now,
            now,
            source=phrase,
            begin=begin,
            finish=phrase.length,
            before=requested.position,
        )
        self._queue.append(*self._arranged(slot), earliest=now + START_SECONDS)

    def _splice_point_for(
        self, requested: SplicePoint, phrase: Phrase, now: float
    ) -> SplicePoint | None:
        """Return where to queue an answer that was requested for a splice point; None if too late.

        An answer that opens a tune, or follows a repeat, may begin at any splice point. Any other
        replaces the old notes tick by tick, so a late one is joined at one of its own bar lines or
        notes.
        """
        slots, earliest = self._queue.slots(), now + SPLICE_SECONDS
        if self._requested.opens:
            found = relocated(requested, slots)
            in_time = found is not None and found.deadline >= earliest
            return found if in_time else next_splice_point(slots, earliest, self._ticks_of)
        for tick in (0, *sorted(self._ticks_of(phrase))):
            found = relocated(dataclasses.replace(requested, tick=requested.tick + tick), slots)
            if found is None or found.deadline < earliest:
                continue
            bpm = tempo_of(self.tempo or self.controls.bpm, phrase)
            left = ticks_to_seconds(phrase.length - tick, bpm)
            spare = found.time + left - now - max(self._lead, LEAD_SHARE * self._answer_seconds[-1])
            return found if tick == 0 or spare > SPARE_SECONDS else None
        return None

    def _rearrange(self, now: float) -> None:
        splice_point = next_splice_point(self._queue.slots(), now + SPLICE_SECONDS, self._ticks_of)
        if splice_point is not None:
            for slot in self._queue.cut(splice_point):
                stays = slot.kept is not None and slot.kept != self.kept.begun
                arranged_slot = (slot.phrase, slot) if stays else self._arranged(slot)
                self._queue.append(*arranged_slot, earliest=splice_point.time)

    def _arranged(self, slot: Slot) -> tuple[Phrase, Slot]:
        """Return the slot's part of its source, arranged with the current controls."""
        source = slot.source or slot.phrase
        controls = dataclasses.replace(self.controls, bpm=self.tempo or self.controls.bpm)
        ensemble = route(source, controls, self._profile, self._ensembles)
        phrase = arranged(source, slot.begin, slot.finish, controls, self._profile, ensemble)
        early = max((0, *(-note.offset for note in phrase.notes))) / TENTHS
        return phrase, dataclasses.replace(slot, controls=controls, early=early, ensemble=ensemble)
