"""Keeping the queue filled: what the composer is asked for, and where its answers go.

A control that is moved changes what is queued already, from the next seam on. What the player
itself makes of a phrase (tempo, key ...) is done anew at once; for what is composed the rest of the
phrase is asked for, and takes the old one's place when it comes. Until then the old one plays, and
of an answer that is late its head is passed over: the queue never runs dry for a control.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from typing import TYPE_CHECKING

from stream.music.controls import User, used_by
from stream.music.note import ticks_to_seconds
from stream.music.stream_position import StreamPosition, opening
from stream.play.observer import Slot
from stream.play.queue.arrange import arranged
from stream.play.queue.splice_points import bar_lines, found_again, next_seam, onsets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from stream.music.note import Controls, Note, Phrase
    from stream.play.composer.phrase_client import PhraseClient
    from stream.play.queue.phrase_queue import PhraseQueue
    from stream.play.queue.splice_points import SplicePoint
    from stream.play.session import Session

    Wish = Callable[[StreamPosition], StreamPosition]

START_SECONDS = 0.02
"""From the arrival of the first phrase to its first note."""
REPEATABLE = 8
"""Phrases that are kept, to be repeated where the composer is late."""
SEAM_SECONDS = 0.002
"""Before a seam: time to put the new phrase in the old one's place."""
LEAD_SECONDS = 0.05
"""Given to the composer at least before a seam ..."""
LEAD_SHARE = 1.5
"""... and so many times what it usually takes. More would put off what is heard; where it was too
little, only the head of the answer is lost."""
SPARE_SECONDS = 0.1
"""Music behind a seam beyond that lead, at least, so that what follows it comes in time, too."""
USUAL = 5
"""Answers of which the middle one shows what is usual: now and then one takes ten times that."""


class Refill:
    """The composer's work, and its place in the queue. It is told the time (s, monotonic)."""

    def __init__(self, link: PhraseClient, queue: PhraseQueue, session: Session) -> None:
        self.controls = session.controls
        self.tempo: float | None = None
        """Quarter notes a minute, where somebody else keeps the time."""
        self._profile = session.profile
        self.calling = False
        """Whether what a person has played waits for an answer."""
        self._link = link
        self._queue = queue
        self._places: Callable[[Phrase], Iterable[int]] = (
            onsets if session.responsive else bar_lines
        )
        self._programme = opening(session.seed, session.controls)
        """After all that is queued."""
        self._recent: deque[Phrase] = deque(maxlen=REPEATABLE)
        self._repeated = 0
        self._wishes: tuple[Wish, ...] = ()
        """What is to be composed otherwise, and was not asked for yet."""
        self._asked = _Asked(self._programme, 0.0)
        self._waits: deque[float] = deque(maxlen=USUAL)
        """How long the last answers took (s)."""
        self._lead = LEAD_SECONDS

    @property
    def eager(self) -> bool:
        """Whether there is something to ask for though the queue is full."""
        return bool(self._wishes) and self._link.ready

    def ask(self, now: float) -> None:
        """Ask for what comes next; only when the composer is idle."""
        programme, seam = self._programme, None
        wishes: tuple[Wish, ...] = ()
        if self.eager and self._queue.music_seconds:
            wishes, self._wishes = self._wishes, ()
            seam = self._next_seam(now + self._lead)
            programme = self._standing(seam)
            for wish in wishes:
                programme = wish(programme)
        programme = dataclasses.replace(programme, controls=self.controls)
        self._asked = _Asked(programme, now, seam, wishes)
        self._link.request(programme.request)

    def hear(self, now: float) -> list[Phrase]:
        """Queue what the composer has said, and return it. Raises `ComposerError`."""
        phrases = self._link.receive()
        for phrase in phrases:
            self._waits.append(now - self._asked.at)
            usual = sorted(self._waits)[len(self._waits) // 2]
            self._lead = max(LEAD_SECONDS, LEAD_SHARE * usual)
            if phrase.verdict.passed or not any(one.verdict.passed for one in self._recent):
                self._recent.append(phrase)
            self._repeated = 0
            self._place(phrase, now)
        return phrases

    def repeat(self, now: float) -> None:
        """Play a phrase of the last tune again: silence is no answer."""
        phrase = self._recent[self._repeated % len(self._recent)]
        self._repeated += 1
        slot = Slot(phrase, now, now, repeat=True, source=phrase, finish=phrase.length)
        self._queue.append(*self._arranged(slot), earliest=now)

    def change(self, controls: Controls, now: float) -> None:
        """Heed other controls from now on."""
        before, self.controls = self.controls, controls
        moved = {f.name for f in dataclasses.fields(controls) if _differs(f.name, before, controls)}
        if not moved.isdisjoint(used_by(User.PLAYER)):
            self._arrange_anew(now)
        if not moved.isdisjoint(used_by(User.COMPOSER)):
            self.wish(lambda programme: programme)

    def wish(self, wish: Wish) -> None:
        """Have it composed otherwise from the next seam on: the next tune, say."""
        self._wishes = (*self._wishes, wish)

    def call(self, notes: tuple[Note, ...], ticks: int) -> None:
        """Have what a person has played answered, from the next seam on.

        The onsets are negative: ticks from the end of what they played, which was `ticks` long.
        """
        self.calling = True
        self.wish(lambda programme: programme.answering(notes, ticks))

    def _next_seam(self, after: float) -> SplicePoint | None:
        """The first one later than `after` (s) behind which the phrase is long enough."""
        slots = self._queue.slots()
        seam = next_seam(slots, after, self._places)
        while seam is not None and seam.slot.end - seam.time < self._lead + SPARE_SECONDS:
            seam = next_seam(slots, seam.time, self._places)
        return seam

    def _standing(self, seam: SplicePoint | None) -> StreamPosition:
        """Where the stream stands at a seam; None is the end of the queue."""
        if seam is None:
            return self._programme
        slot, index = seam.slot, self._programme.index
        if slot.before is None:
            # A repeat is no part of the stream, which goes on behind it.
            later = (each.before for each in self._queue.slots() if each.start > slot.start)
            return next((before.again(index) for before in later if before), self._programme)
        if seam.tick == 0 or slot.source is None:
            return slot.before.again(index)
        return slot.before.within(slot.source, seam.tick, index)

    def _place(self, phrase: Phrase, now: float) -> None:
        """Queue an answer, at the seam that it was composed for or as soon after it as can be."""
        asked, begin = self._asked, 0
        if asked.seam is not None:
            seam = self._seam(asked.seam, phrase, now)
            if seam is None:
                self._lead = max(self._lead, LEAD_SHARE * self._waits[-1])
                self._wishes = (*asked.wishes, *self._wishes)
                return
            if not asked.opens:
                begin = seam.tick - asked.seam.tick
            self._queue.cut(seam)
        self.calling = self.calling and not asked.programme.call
        self._programme = asked.programme.after(phrase)
        slot = Slot(
            phrase,
            now,
            now,
            source=phrase,
            begin=begin,
            finish=phrase.length,
            before=asked.programme,
        )
        self._queue.append(*self._arranged(slot), earliest=now + START_SECONDS)

    def _seam(self, wanted: SplicePoint, phrase: Phrase, now: float) -> SplicePoint | None:
        """Where an answer goes that was wanted at a seam; None: nowhere, it is too late.

        A tune that is opened, or a phrase behind a repeat, begins wherever it may. Any other stands
        for the old notes tick by tick, so one that is late is joined where a bar or a note of its
        own begins.
        """
        slots, soon = self._queue.slots(), now + SEAM_SECONDS
        if self._asked.opens:
            place = found_again(wanted, slots)
            in_time = place is not None and place.time >= soon
            return place if in_time else next_seam(slots, soon, self._places)
        for tick in (0, *sorted(self._places(phrase))):
            place = found_again(dataclasses.replace(wanted, tick=wanted.tick + tick), slots)
            if place is None or place.time < soon:
                continue
            left = ticks_to_seconds(phrase.length - tick, self.tempo or self.controls.bpm)
            spare = place.time + left - now - max(self._lead, LEAD_SHARE * self._waits[-1])
            return place if tick == 0 or spare > SPARE_SECONDS else None
        return None

    def _arrange_anew(self, now: float) -> None:
        seam = next_seam(self._queue.slots(), now + SEAM_SECONDS, self._places)
        if seam is not None:
            for slot in self._queue.cut(seam):
                self._queue.append(*self._arranged(slot), earliest=seam.time)

    def _arranged(self, slot: Slot) -> tuple[Phrase, Slot]:
        """The slot's part of what was composed, as the controls have it."""
        source = slot.source or slot.phrase
        controls = dataclasses.replace(self.controls, bpm=self.tempo or self.controls.bpm)
        phrase = arranged(source, slot.begin, slot.finish, controls, self._profile)
        return phrase, dataclasses.replace(slot, controls=controls)


@dataclasses.dataclass(frozen=True, slots=True)
class _Asked:
    """What the composer was asked for."""

    programme: StreamPosition
    at: float
    """When (s)."""
    seam: SplicePoint | None = None
    """Where the answer belongs; None: behind all that is queued."""
    wishes: tuple[Wish, ...] = ()

    @property
    def opens(self) -> bool:
        """Whether the answer begins at its own beginning, wherever it is put."""
        repeated = self.seam is not None and self.seam.slot.repeat
        return repeated or self.programme.opened == self.programme.index


def _differs(name: str, one: Controls, other: Controls) -> bool:
    return bool(getattr(one, name) != getattr(other, name))
