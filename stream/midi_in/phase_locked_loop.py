"""A phase-locked loop: the even clock behind ticks that come early and late. Times are given.

It is an alpha-beta filter whose gains start wide and narrow: up to `NARROWEST` ticks it is the
least-squares line through all of them, from there on one that forgets as fast as it learns. A
cumulative sum of the errors finds a change of tempo; the loop then starts anew from the ticks
since the change. Errors beyond what the clock's own unsteadiness explains are cut off, so one tick
that was held up does no harm.
"""

from __future__ import annotations

NARROWEST = 96
"""Ticks over which the loop averages once it is narrow: four beats."""
SETTLED = 12
"""Ticks after which the loop can tell an odd tick from an ordinary one."""
GUESSED = 4
"""Ticks after which it can tell that one was held up so long that others came meanwhile."""
NOISE_SECONDS = 0.002
"""Mean error of a tick that is expected before any is known ..."""
QUIETEST_SECONDS = 0.0002
"""... and the least that is ever expected."""
NOISE_TICKS = 48
"""Ticks over which the mean error is taken."""
OUTLIER = 3.0
"""Errors are cut off at so many times the expected one."""
DRIFT, ALARM = 1.0, 8.0
"""The cumulative sum forgives one expected error a tick; at eight the tempo has changed."""
SILENCE_SECONDS, SILENCE_TICKS = 0.5, 4
"""A longer pause is a drop-out; ticks are missing then, and are not only late."""
BURST = 0.3
"""Ticks that follow each other in this share of an interval, after a pause, were held back: they
count, but say nothing about the time."""
FASTEST_SECONDS = 0.001
"""No clock's interval is shorter (2,500 bpm): ticks that come closer were held back, or came
twice."""
PAUSE = 1.5
"""Intervals without a tick that are a pause."""
MEMORY = 48
"""Ticks since the errors became suspicious that are kept at most."""


class PhaseLockedLoop:
    """Follows one clock."""

    def __init__(self) -> None:
        self.time = 0.0
        """When the last tick ought to have come (s)."""
        self.interval = 0.0
        """Between two ticks (s); 0 until there were two."""
        self.changed = False
        """Whether a change of tempo was found at the last tick."""
        self.ticks = 0
        """How many ticks the gains stand for."""
        self._noise = NOISE_SECONDS
        self._last = 0.0
        self._held_back = 0
        """Ticks that may still come in a burst ..."""
        self._counted = False
        """... and whether they have been counted."""
        self._late = self._early = 0.0
        self._suspects: list[float] = []

    @property
    def settled(self) -> bool:
        """Whether time and interval can be relied on."""
        return self.ticks >= SETTLED

    def expects(self, time: float) -> bool:
        """Whether a tick at `time` (s) would be the next one, as far as one can say."""
        return self.settled and abs(time - self.time - self.interval) <= OUTLIER * self._noise

    def tick(self, time: float) -> int:
        """A tick at `time` (s). How many there were since the last one: more after a drop-out."""
        pause = time - self._last
        self.changed = False
        if self.ticks and not self._held_back and pause < FASTEST_SECONDS:
            return 0
        self._last = time
        if self._held_back and pause < BURST * self.interval:
            return self._catch_up()
        missed = self._missed(time) if self._silent(pause) else 0
        self._counted = bool(missed)
        self._held_back = missed or self._owed(pause)
        self._follow(time)
        return missed + 1

    def swallowed(self, time: float) -> int:
        """How many ticks a drop-out that goes on has swallowed by `time` (s)."""
        if not self._silent(time - self._last):
            return 0
        return max(int((time - self.time) / self.interval), 0)

    def paused(self, time: float) -> bool:
        """Whether a tick at `time` (s) comes after a longer pause than from tick to tick."""
        return self.interval > 0 and time - self._last > PAUSE * self.interval

    def _silent(self, pause: float) -> bool:
        """Whether a pause (s) is a drop-out."""
        silence = max(SILENCE_SECONDS, SILENCE_TICKS * self.interval)
        return self.interval > 0 and pause > silence

    def strike(self, time: float) -> None:
        """A tick at `time` (s) that need not be in phase with the ones before; only tempo stays."""
        self._last = self.time = time
        self.ticks = min(self.ticks, SETTLED) if self.interval else 1
        self._held_back = 0
        self.changed = False
        self._forget()

    def _owed(self, pause: float) -> int:
        """How many ticks a pause may have held back."""
        known = self.ticks >= GUESSED
        return max(round(pause / self.interval) - 1, 0) if known else 0

    def _catch_up(self) -> int:
        """A tick that was held back; one of a drop-out has been counted already."""
        self._held_back -= 1
        if self._counted:
            return 0
        self.time += self.interval
        return 1

    def _missed(self, time: float) -> int:
        """How many ticks a drop-out has swallowed before the one at `time`; none are missed now."""
        missed = max(round((time - self.time) / self.interval) - 1, 0)
        self.time += missed * self.interval
        self.ticks = min(self.ticks, SETTLED)
        self._forget()
        return missed

    def _follow(self, time: float) -> None:
        if self.ticks == 0:
            self.time, self.ticks = time, 1
            return
        error = time - self.time - self.interval
        if self.settled:
            limit = OUTLIER * self._noise
            error = min(max(error, -limit), limit)
            self._suspect(time, error)
            if max(self._early, self._late) > ALARM:
                self._start_anew()
                return
        self._correct(error)

    def _correct(self, error: float) -> None:
        """The gains of a least-squares line through `n` ticks, at its end."""
        n = self.ticks = min(self.ticks + 1, NARROWEST)
        self.time += self.interval + error * 2 * (2 * n - 1) / (n * (n + 1))
        self.interval = max(self.interval + error * 6 / (n * (n + 1)), FASTEST_SECONDS)

    def _suspect(self, time: float, error: float) -> None:
        """Page's test, both ways, on errors in units of the expected one."""
        share = error / self._noise
        self._late = max(0.0, self._late + share - DRIFT)
        self._early = max(0.0, self._early - share - DRIFT)
        if self._late or self._early:
            self._suspects = [*self._suspects[1 - MEMORY :], time]
        else:
            self._suspects = []
        # The mean of an absolute error is 0.8 standard deviations.
        self._noise += (1.25 * abs(error) - self._noise) / NOISE_TICKS
        self._noise = max(self._noise, QUIETEST_SECONDS)

    def _start_anew(self) -> None:
        times = self._suspects
        self._forget()
        self.ticks, self.interval = 0, 0.0
        for time in times:
            if self.ticks:
                self._correct(time - self.time - self.interval)
            else:
                self.time, self.ticks = time, 1
        self.changed = True

    def _forget(self) -> None:
        """Nothing is suspicious any more."""
        self._late = self._early = 0.0
        self._suspects = []
