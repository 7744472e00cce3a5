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
from typing import TYPE_CHECKING, Any

from stream.music.call import Calls
from stream.music.controls import User, used_by
from stream.music.note import TENTHS
from stream.music.stream_position import StreamPosition, opening
from stream.play.observer import Slot
from stream.play.queue.arrange import arranged
from stream.play.queue.kept_tunes import KeptTunes
from stream.play.queue.listening import Listening
from stream.play.queue.openings import next_opening, opens, position_at
from stream.play.queue.requested import (
    SPLICE_SECONDS,
    AnswerTimes,
    Pace,
    Requested,
    roomy_splice_point,
)
from stream.play.queue.routing import route
from stream.play.queue.splice_points import SplicePoint, bar_lines, next_splice_point, onsets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from stream.music.favourite import Favourite
    from stream.music.note import Controls, Note, Phrase
    from stream.play.composer.phrase_client import PhraseClient
    from stream.play.queue.phrase_queue import PhraseQueue
    from stream.play.recording.format import Played
    from stream.play.session import Session

    PositionChange = Callable[[StreamPosition], StreamPosition]

START_SECONDS = 0.02
"""Seconds from the arrival of the first phrase to its first note."""
REPEATABLE = 8
"""Number of phrases that can be repeated when the composer is late."""


class Refill:
    """Requests phrases and queues them. Callers pass the time (s, monotonic)."""

    def __init__(self, client: PhraseClient, queue: PhraseQueue, session: Session) -> None:
        self.controls = session.controls
        self.tempo: float | None = None
        """Quarter notes a minute of an external clock; None: that of controls or tune."""
        self._profile, self._ensembles = session.profile, session.ensembles
        self.responding = False
        """True while what a person has played waits for a response."""
        self._calls, self._client, self._queue = Calls(), client, queue
        self._ticks_of: Callable[[Phrase], Iterable[int]] = (
            onsets if session.responsive else bar_lines
        )
        self._position = opening(session.seed, session.controls, session.taste)
        """Position after everything that is queued."""
        self._recent: deque[Phrase] = deque(maxlen=REPEATABLE)
        self._changes: tuple[PositionChange, ...] = ()
        """Changes of the position that were not requested from the composer yet."""
        self._requested = Requested(self._position, 0.0)
        self._answer_times = AnswerTimes()
        self.listening = Listening(queue, self._answer_times, session.behind)
        self._repeated, self._ignored = 0, False
        """True if the answer that is awaited has no place in the queue any more."""
        self.earliest = 0.0
        """Time (s) before which no further phrase begins."""
        self.kept, self.taste = KeptTunes(queue), session.taste
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
            slots = self.kept.changeable(self._queue.slots(), changes, self._position)
            splice_point = roomy_splice_point(slots, now, self._answer_times.lead, self._ticks_of)
            position = self._position_at(splice_point)
            for change in self.kept.leaving(splice_point, changes):
                position = change(position)
        position = dataclasses.replace(
            position, controls=self.controls, favourites=self.favourites, learned=self.taste
        )
        position = self.listening.heard(position, splice_point)
        self._requested = Requested(position, now, splice_point, changes)
        self._ignored = False
        self._client.request(position.request)

    def receive(self, now: float) -> list[Phrase]:
        """Queue the composer's answers, and return them. Raises `ComposerError`."""
        phrases = self._client.receive()
        for phrase in phrases:
            self._answer_times.add(now - self._requested.at)
            if self._ignored:
                self._ignored = False
                continue
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

    def set_controls(self, controls: Controls, now: float) -> frozenset[str]:
        """Apply other controls from now on. Return the names of those that have changed."""
        before, self.controls = self.controls, controls
        names = (each.name for each in dataclasses.fields(controls))
        moved = frozenset(n for n in names if getattr(before, n) != getattr(controls, n))
        if not moved.isdisjoint(used_by(User.PLAYER)):
            self._rearrange(now, {name: getattr(controls, name) for name in moved})
        if not moved.isdisjoint(used_by(User.COMPOSER)):
            self.recompose(lambda position: position)
        return moved

    def listen(self, now: float) -> None:
        """Request the next bar if the band follows a person and it is due."""
        if self.listening.request(now):
            self.recompose(lambda position: position)

    def recompose(self, change: PositionChange) -> None:
        """Have the composer continue from a changed position, such as the next tune."""
        self._changes = (*self._changes, change)

    @property
    def index(self) -> int:
        """Index of the phrase after everything that is queued."""
        return self._position.index

    @property
    def at_tune_end(self) -> bool:
        """True if all of a tune is queued, and nothing of the next one is even requested."""
        return opens(self._position) and self._client.idle and not self._changes

    def next_opening(self, after: float) -> Slot | None:
        """Return the phrase that begins later than `after` (s) and opens a tune, if one does."""
        return next_opening(self._queue.upcoming, after)

    def withdraw(self, slot: Slot) -> None:
        """Remove a phrase that has not begun, and all after it; it is requested again."""
        splice_point = SplicePoint(slot, slot.begin, slot.start)
        self._position = self._position_at(splice_point)
        self._queue.cut(splice_point)
        self.ignore_answer()

    def ignore_answer(self) -> None:
        """Have the answer that is awaited ignored: it was requested for a place that is gone."""
        if not self._client.idle and not self._ignored:
            self._ignored = True
            self._changes = (*self._requested.changes, *self._changes)

    def open_tune(self) -> None:
        """Let the next request open a tune, even if the one before has not ended."""
        if not opens(self._position):
            self._position = self._position.next_tune()

    def call(self, notes: tuple[Note, ...], ticks: int, bpm: float) -> None:
        """Have the composer respond to what a person has played, from the next splice point on.

        Onsets are negative: ticks from the end of what was played, which was `ticks` long at `bpm`.
        """
        self.responding = True
        call = self._calls.add(notes, ticks, bpm)
        self.recompose(lambda position: position.responding(call))

    def _position_at(self, splice_point: SplicePoint | None) -> StreamPosition:
        """Return the stream's position at a splice point; None means the end of the queue."""
        return position_at(splice_point, self._position, self._queue.slots())

    def _queue_answer(self, phrase: Phrase, now: float) -> None:
        """Queue an answer at its splice point, or as soon after it as possible."""
        requested, begin = self._requested, 0
        if requested.splice_point is not None:
            splice_point = requested.place(
                phrase, self._queue.slots(), now, self._ticks_of, self._pace(phrase)
            )
            if splice_point is None:
                self._answer_times.was_late()
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
        earliest = max(now + START_SECONDS, self.earliest)
        self._queue.append(*self._arranged(slot), earliest=earliest)

    def _pace(self, phrase: Phrase) -> Pace:
        """Return the tempo of an answer, and the time that the next one may take."""
        bpm = self.tempo or self.controls.tempo(phrase)
        return Pace(bpm, self._answer_times.longest_lead)

    def _rearrange(self, now: float, moved: Mapping[str, Any]) -> None:
        splice_point = next_splice_point(self._queue.slots(), now + SPLICE_SECONDS, self._ticks_of)
        if splice_point is not None:
            for slot in self._queue.cut(splice_point):
                stays = slot.kept is not None and slot.kept != self.kept.begun
                # A tune that opens may have controls of its own already.
                controls = dataclasses.replace(slot.controls or self.controls, **moved)
                arranged_slot = (slot.phrase, slot) if stays else self._arranged(slot, controls)
                self._queue.append(*arranged_slot, earliest=splice_point.time)

    def _arranged(self, slot: Slot, controls: Controls | None = None) -> tuple[Phrase, Slot]:
        """Return the slot's part of its source, arranged with these controls, or the current."""
        source, controls = slot.source or slot.phrase, controls or self.controls
        controls = dataclasses.replace(controls, bpm=self.tempo or controls.bpm)
        ensemble = route(source, controls, self._profile, self._ensembles)
        phrase = arranged(source, slot.begin, slot.finish, controls, self._profile, ensemble)
        early = max((0, *(-note.offset for note in phrase.notes))) / TENTHS
        return phrase, dataclasses.replace(slot, controls=controls, early=early, ensemble=ensemble)
