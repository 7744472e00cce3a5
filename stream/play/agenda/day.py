"""The day of a performance: the entry that holds, and what of it has still to be heard."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from stream.config.settings import with_changes
from stream.day.plan import entry_at, next_change
from stream.day.ribbon import document
from stream.day.words import Now
from stream.errors import SettingsError

if TYPE_CHECKING:
    from datetime import datetime

    from stream.music.note import Controls
    from stream.play.session import Session

TEMPO = frozenset({"bpm", "slowest", "fastest"})
"""Controls that a person moves together: one of them alone need not fit those of the day."""
NEXT_DAY = timedelta(days=1)


class Wall(Protocol):
    """A wall clock with an alarm."""

    @property
    def deadline(self) -> float | None:
        """Monotonic time of the alarm (s); None if a file tells it."""

    def now(self) -> datetime: ...

    def alarm(self, at: datetime | None) -> None: ...

    def fileno(self) -> int: ...

    def close(self) -> None: ...


class Day:
    """The day by a wall clock. Raises `ValueError` for a session without a plan."""

    def __init__(self, session: Session, wall: Wall) -> None:
        if session.plan is None:
            raise ValueError("the session has no plan of the day")
        self.plan = session.plan
        self.wall = wall
        self.overruled = False
        """True if a person has changed what the entry says; it does not hold until the next."""
        self.pending = False
        """True until the entry is heard: it waits for the end of the tune."""
        self._configured = session.configured or session.controls
        self._usual_voice = session.usual_voice or session.voice
        self._moved: frozenset[str] = frozenset()
        """Names of what a person has changed since the entry began."""
        self._document: dict[str, Any] | None = None
        self.holding = entry_at(self.plan, wall.now())
        self._set_alarm()

    @property
    def silent(self) -> bool:
        """True if no music is to begin: the entry says so, and nobody has overruled it."""
        return self.holding.entry.silent and not self.overruled

    @property
    def voice(self) -> str | None:
        """Voice that is to play; None if the plan, or a person, leaves that open."""
        if not self.plan.sets_voice or "voice" in self._moved:
            return None
        return self.holding.entry.voice or self._usual_voice

    def turn(self) -> bool:
        """Look at the clock. Return True if another entry has begun."""
        holding = entry_at(self.plan, self.wall.now())
        self._set_alarm()
        self._document = None
        if holding == self.holding:
            return False
        self.holding, self.overruled, self.pending = holding, False, True
        self._moved = frozenset()
        return True

    def controls(self, present: Controls) -> Controls:
        """Return the controls as the entry wants them, but for what a person has moved."""
        values = self.plan.values(self.holding.entry, self._configured)
        kept = {name: value for name, value in values.items() if name not in self._moved}
        try:
            return with_changes(present, kept)
        except SettingsError:  # the file of an ensemble has gone
            return with_changes(present, {k: v for k, v in kept.items() if k != "ensemble"})

    def moved(self, names: frozenset[str]) -> None:
        """Note that a person has changed these controls, or the `voice`."""
        if names & TEMPO:
            names |= TEMPO
        known = self.plan.controls | ({"voice"} if self.plan.sets_voice else set())
        if names & known:
            self._moved |= names & known
            self.overruled, self._document = True, None

    def overrule(self) -> None:
        """Leave everything as it sounds now until the next entry."""
        self.overruled, self.pending, self._document = True, False, None

    def follow(self) -> None:
        """Let the entry hold again."""
        self.overruled, self.pending, self._document = False, True, None
        self._moved = frozenset()

    def heard(self) -> None:
        """Note that the entry is heard from the next phrase on."""
        self.pending, self._document = False, None

    def document(self, controls: Controls) -> dict[str, Any]:
        """Return the day as people see it: today's entries, and why it sounds so now."""
        if self._document is None:
            now = Now(self.holding, self.overruled, self.pending)
            self._document = document(self.plan, self.wall.now(), now, self.controls(controls))
        return self._document

    def _set_alarm(self) -> None:
        """Wake at the next entry, and at midnight, when another day is shown."""
        now = self.wall.now()
        tomorrow = self.plan.place.date_of(now) + NEXT_DAY
        midnight = self.plan.place.midnight(tomorrow)
        following = next_change(self.plan, now)
        self.wall.alarm(min(midnight, following.since) if following else midnight)
