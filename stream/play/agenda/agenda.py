"""The agenda of a performance: what begins and ends the music beside the composer.

The day changes the music at the end of a tune, the sleep timer and `minutes` let it go, and there
may be silence between two tunes. While the music rests, nothing is requested from the composer.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from stream.errors import StreamError
from stream.play.agenda.day import Day
from stream.play.agenda.ending import USUAL_FADE, Ending
from stream.play.agenda.spacing import Spacing
from stream.util.event_wait import earliest

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.play.agenda.day import Wall
    from stream.play.observer import Slot
    from stream.play.playback import Playback
    from stream.play.session import Session
    from stream.util.event_wait import File

MARGIN_SECONDS = 2.0
"""Least seconds before a tune begins in which it can still be composed for another entry."""
SILENCE_MARGIN = 0.1
"""Least seconds before a tune begins in which it can still be left out."""
GLIDE_SECONDS = 3.0
"""Seconds in which the volume moves to that of an entry of the day."""
SLEEP_SECONDS = 4 * 3600.0
"""Seconds for which the sleep timer's silence lasts, whatever entry of the day begins; one that
follows a silence of the day itself wakes before."""


class Agenda:
    """The agenda of `performance`."""

    def __init__(self, performance: Playback, session: Session) -> None:
        self.asleep = False
        """True after the sleep timer, until someone plays or another entry of the day begins."""
        self.over = False
        """True once the requested minutes have ended with a fade."""
        self.day: Day | None = None
        self._awaited: int | None = None
        """Index of the first phrase after a rest, until it is queued."""
        self._performance = performance
        self._session = session
        self._sleep: Ending | None = None
        self._minutes: Ending | None = None
        self._spacing = Spacing(performance, session.every)
        self._rises = True
        self._asleep_since = 0.0
        self._due: dict[str, tuple[int, Callable[[], object]]] = {}
        """Index of a phrase, and what to do when it begins, by a name for it."""
        if session.fade_in:
            performance.loudness.fade(0.0, 0.0)

    @property
    def resting(self) -> bool:
        """True while nothing is to be requested; what is queued is played."""
        settled = any(each is not None and each.settled for each in (self._sleep, self._minutes))
        return self.silent or settled or self.over or self._spacing.resting

    @property
    def silent(self) -> bool:
        """True if no music plays, or only the rest of a tune, because the day or sleep says so."""
        by_day = self.day is not None and self.day.silent and not self.day.pending
        return self.asleep or by_day

    @property
    def quiet(self) -> bool:
        """True while an empty queue is as it should be."""
        return self.resting or self._awaited is not None

    @property
    def deadline(self) -> float | None:
        """Time of the next step (s, monotonic)."""
        endings = [each.deadline for each in (self._sleep, self._minutes) if each]
        wall = self.day.wall.deadline if self.day else None
        return earliest(wall, self._spacing.deadline, *endings)

    @property
    def files(self) -> tuple[File, ...]:
        """The files that are readable when `wall_rang` is to be called."""
        return (self.day.wall,) if self.day else ()

    def follow(self, wall: Wall) -> None:
        """Follow the plan of the session by a wall clock, from the beginning of the music on."""
        self.day = Day(self._session, wall)
        self.day.pending = True

    def wall_rang(self) -> None:
        """Look at the clock: its alarm rang, or it was set."""
        day = self.day
        if day is None:
            return
        was_silent = day.holding.entry.silent
        if not day.turn() or day.silent:
            return
        if was_silent or self._performance.clock() - self._asleep_since >= SLEEP_SECONDS:
            self._wake()

    def step(self) -> None:
        """Do what is due."""
        performance = self._performance
        if self.day and self.day.wall.deadline and performance.clock() >= self.day.wall.deadline:
            self.wall_rang()
        if self._awaited is not None and performance.refill.index > self._awaited:
            self._awaited = None
        self._let_go()
        self._turn_tune()
        if self._spacing.step():
            self._awaited = performance.refill.index
        if self.quiet and performance.begun and performance.queue.end <= performance.clock():
            performance.sender.rest()

    def begun(self, slot: Slot) -> None:
        """Note that a phrase has begun."""
        performance, session = self._performance, self._session
        if slot.before is None or slot.begin > 0:
            return
        if slot.before.opened == slot.before.index:
            self._spacing.tune_began(slot.start)
        if self._rises:
            self._rises = False
            performance.loudness.rise(session.fade_in)
        for name in [name for name, (at, _) in self._due.items() if at <= slot.phrase.index]:
            self._due.pop(name)[1]()
        if self._minutes is None and session.minutes is not None and session.fade:
            end = slot.start + 60 * session.minutes
            self._minutes = Ending(performance, end, session.fade)

    def complete(self, seconds: float) -> bool:
        """Return True if all the requested music is queued, which lasts `seconds` so far."""
        return self.over if self._session.fade else self._session.complete(seconds)

    def sleep(self, minutes: float) -> None:
        """End the music in so many minutes; 0: let it play on."""
        if self._sleep is not None:
            self._sleep.cancel()
        self._sleep = None
        if minutes:
            seconds = USUAL_FADE if self._session.fade is None else self._session.fade
            now, most = self._performance.clock(), 60 * minutes
            self._sleep = Ending(self._performance, now + most, min(seconds, most))

    def play(self) -> None:
        """Have music again, whatever rests: a person wants it."""
        self._wake()
        self._spacing.end()
        if self.day is not None and self.day.silent:
            self.overrule_day()

    def overrule_day(self) -> None:
        """Leave everything as it is until the next entry of the day."""
        if self.day is not None:
            was_silent = self.day.silent
            self.day.overrule()
            if was_silent:
                self._begin_again()

    def moved(self, names: frozenset[str]) -> None:
        """Note that a person has changed these controls, or the `voice`."""
        if self.day is not None:
            self.day.moved(names)
        if "volume" in names:
            self._due.pop("volume", None)

    def sleep_document(self) -> dict[str, Any] | None:
        """Return when the sleep timer ends (s, monotonic), and whether it has; None without it."""
        if self._sleep is None and not self.asleep:
            return None
        return {"end": None if self._sleep is None else self._sleep.end, "asleep": self.asleep}

    def day_document(self) -> dict[str, Any] | None:
        """Return the day as people see it; None without a plan."""
        return self.day.document(self._performance.refill.controls) if self.day else None

    def _wake(self) -> None:
        if self.asleep:
            self.asleep = False
            self._begin_again()

    def _begin_again(self) -> None:
        """Let the next tune begin after a rest, with a fade if the session has one."""
        performance = self._performance
        performance.loudness.fade(1.0, 0.0)
        if performance.queue.end <= performance.clock():
            self._awaited = performance.refill.index
            self._rises = True
            performance.refill.open_tune()
            performance.loudness.fade(0.0 if self._session.fade_in else 1.0, 0.0)

    def _let_go(self) -> None:
        """End the music by sleep timer or `minutes`."""
        performance = self._performance
        paused = performance.transport.paused_at is not None
        if self._minutes is not None and not self.over:
            if paused:
                self._minutes.wait()
            else:
                self.over = self._minutes.step()
        if self._sleep is not None and not self.asleep:
            ended = performance.clock() >= self._sleep.end if paused else self._sleep.step()
            if ended:
                self._sleep, self.asleep = None, True
                self._asleep_since = performance.clock()

    def _turn_tune(self) -> None:
        """Let the day's entry be heard from the next tune on, once all of this one is queued."""
        day, performance = self.day, self._performance
        if day is None or not day.pending:
            return
        refill, now = performance.refill, performance.transport.now()
        if performance.begun and not refill.at_tune_end:
            margin = SILENCE_MARGIN if day.silent else MARGIN_SECONDS
            if (slot := refill.next_opening(now + margin)) is not None:
                refill.withdraw(slot)
            if not refill.at_tune_end:
                return
        is_silent = performance.queue.end <= performance.clock()
        day.heard()
        self._spacing.end()
        self._apply(day)
        if is_silent and not day.silent and not self.asleep:
            self._begin_again()

    def _apply(self, day: Day) -> None:
        """Have the next tune composed and played as the entry of the day says."""
        performance, refill = self._performance, self._performance.refill
        controls = day.controls(refill.controls)
        self._change_voice(day.voice)
        controls = performance.voice.fitting(controls) if day.voice else controls
        volume, glide = controls.volume, 0.0 if self._awaited is not None else GLIDE_SECONDS
        if volume != refill.controls.volume:
            move = partial(performance.loudness.set_volume, volume, glide)
            self._due["volume"] = refill.index, move
        refill.controls = controls

    def _change_voice(self, name: str | None) -> None:
        """Have another voice compose the next tune, if there is to be another."""
        voice = self._performance.voice
        if name is not None and name != voice.name:
            try:
                self._due["header"] = self._performance.refill.index, voice.choose(name)
            except StreamError as error:  # its file has gone; the other one plays on
                self._performance.notice(f"day: {error}")
