"""A phase-locked loop: estimates an even clock from ticks with jitter. The caller gives all times.

It is an alpha-beta filter whose gains decrease: up to `NARROWEST` ticks it is the least-squares
line through all of them, from there on its gains are constant, so that old ticks are forgotten. A
cumulative sum of the errors (Page's test) detects a change of tempo; the loop then restarts from
the ticks since the change. Errors above what the jitter of the clock explains are clipped, so that
one late tick has little effect.
"""

from __future__ import annotations

NARROWEST = 96
"""Number of ticks over which the loop averages at its lowest gains: four beats."""
SETTLED = 12
"""Number of ticks from which the loop recognizes an irregular tick."""
ESTIMATED = 4
"""Number of ticks from which the loop recognizes a delay that held several ticks back."""
NOISE_SECONDS = 0.002
"""Expected error of a tick (s) before any is known."""
QUIETEST_SECONDS = 0.0002
"""Lower bound of the expected error (s)."""
NOISE_TICKS = 48
"""Number of ticks over which the error is averaged."""
OUTLIER = 3.0
"""Multiple of the expected error at which an error is clipped."""
DRIFT, ALARM = 1.0, 8.0
"""Drift that the cumulative sum subtracts each tick, and its alarm, in expected errors."""
SILENCE_SECONDS, SILENCE_TICKS = 0.5, 4
"""Shortest drop-out, in seconds and in intervals: its ticks are missing, not only late."""
BURST = 0.3
"""Share of an interval within which a tick after a pause counts as one that was held back.

Such a tick is counted, but does not change the estimate of the time.
"""
FASTEST_SECONDS = 0.001
"""Shortest interval of a clock (2,500 bpm); closer ticks were delayed, or came twice."""
PAUSE = 1.5
"""Number of intervals without a tick that make a pause."""
MOST_SUSPECTS = 48
"""Number of ticks stored since the errors became suspicious."""


class PhaseLockedLoop:
    """The estimate of one clock."""

    def __init__(self) -> None:
        self.time = 0.0
        """Estimated time of the last tick (s)."""
        self.interval = 0.0
        """Estimated time between two ticks (s); 0 before the second one."""
        self.changed = False
        """True if a change of tempo was detected at the last tick."""
        self.ticks = 0
        """Number of ticks that the gains correspond to."""
        self._noise = NOISE_SECONDS
        self._last = 0.0
        self._held_back = 0
        """Number of ticks that may still come in a burst."""
        self._counted = False
        """True if the ticks that were held back have been counted."""
        self._late = self._early = 0.0
        self._suspects: list[float] = []

    @property
    def settled(self) -> bool:
        """True if time and interval are reliable."""
        return self.ticks >= SETTLED

    def expects(self, time: float) -> bool:
        """Return True if a tick at `time` (s) would be the next one, as far as is known."""
        return self.settled and abs(time - self.time - self.interval) <= OUTLIER * self._noise

    def tick(self, time: float) -> int:
        """Note a tick at `time` (s). Return the ticks since the last: several after a drop-out."""
        pause = time - self._last
        self.changed = False
        if self.ticks and not self._held_back and pause < FASTEST_SECONDS:
            return 0
        self._last = time
        if self._held_back and pause < BURST * self.interval:
            return self._catch_up()
        missed = self._advance_over_missed(time) if self._is_drop_out(pause) else 0
        self._counted = bool(missed)
        self._held_back = missed or self._possibly_held_back(pause)
        self._follow(time)
        return missed + 1

    def missed_until(self, time: float) -> int:
        """Return the number of ticks that the current drop-out has lost by `time` (s)."""
        if not self._is_drop_out(time - self._last):
            return 0
        return max(int((time - self.time) / self.interval), 0)

    def paused(self, time: float) -> bool:
        """Return True if a tick at `time` (s) comes after a pause longer than an interval."""
        return self.interval > 0 and time - self._last > PAUSE * self.interval

    def _is_drop_out(self, pause: float) -> bool:
        """Return True if a pause (s) is a drop-out."""
        silence = max(SILENCE_SECONDS, SILENCE_TICKS * self.interval)
        return self.interval > 0 and pause > silence

    def restart_phase(self, time: float) -> None:
        """Note a tick at `time` (s) in a new phase; keep only the tempo."""
        self._last = self.time = time
        self.ticks = min(self.ticks, SETTLED) if self.interval else 1
        self._held_back = 0
        self.changed = False
        self._clear_suspects()

    def _possibly_held_back(self, pause: float) -> int:
        """Return the number of ticks that a pause (s) may have held back."""
        is_known = self.ticks >= ESTIMATED
        return max(round(pause / self.interval) - 1, 0) if is_known else 0

    def _catch_up(self) -> int:
        """Return the count of a tick that was held back: 0 if a drop-out has counted it already."""
        self._held_back -= 1
        if self._counted:
            return 0
        self.time += self.interval
        return 1

    def _advance_over_missed(self, time: float) -> int:
        """Advance over the ticks lost before the one at `time` (s). Return their number."""
        missed = max(round((time - self.time) / self.interval) - 1, 0)
        self.time += missed * self.interval
        self.ticks = min(self.ticks, SETTLED)
        self._clear_suspects()
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
                self._restart()
                return
        self._correct(error)

    def _correct(self, error: float) -> None:
        """Correct the estimate as a least-squares line through `n` ticks does at its end."""
        n = self.ticks = min(self.ticks + 1, NARROWEST)
        self.time += self.interval + error * 2 * (2 * n - 1) / (n * (n + 1))
        self.interval = max(self.interval + error * 6 / (n * (n + 1)), FASTEST_SECONDS)

    def _suspect(self, time: float, error: float) -> None:
        """Apply Page's test in both directions to an error (s), in units of the expected error."""
        share = error / self._noise
        self._late = max(0.0, self._late + share - DRIFT)
        self._early = max(0.0, self._early - share - DRIFT)
        if self._late or self._early:
            self._suspects = [*self._suspects[1 - MOST_SUSPECTS :], time]
        else:
            self._suspects = []
        # The mean of an absolute error is 0.8 standard deviations.
        self._noise += (1.25 * abs(error) - self._noise) / NOISE_TICKS
        self._noise = max(self._noise, QUIETEST_SECONDS)

    def _restart(self) -> None:
        """Estimate the clock from the suspicious ticks alone."""
        times = self._suspects
        self._clear_suspects()
        self.ticks, self.interval = 0, 0.0
        for time in times:
            if self.ticks:
                self._correct(time - self.time - self.interval)
            else:
                self.time, self.ticks = time, 1
        self.changed = True

    def _clear_suspects(self) -> None:
        """Clear the cumulative sums and the ticks since they began."""
        self._late = self._early = 0.0
        self._suspects = []
