"""Restart a child process: its state, its deadlines, and pauses that grow with its failures.

This is a state machine without a process or a clock of its own: the caller reports each event and
its time, in seconds of a monotonic clock.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass

FIRST_PAUSE_SECONDS = 1.0
"""Pause before the first restart that has one; each further failure doubles it."""
MOST_DOUBLINGS = 32
"""Doublings that are computed: beyond them every pause is at its bound."""


class ChildState(enum.Enum):
    """The state of a child process."""

    STARTING = "it runs, and has not yet reported that it is ready"
    READY = "it runs, and waits for a request"
    BUSY = "it runs, and works"
    WAITING_TO_RESTART = "no process runs; the next one starts at the deadline"
    CLOSED = "no process runs, and none will start"


RUNNING = frozenset({ChildState.STARTING, ChildState.READY, ChildState.BUSY})


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """The pauses between the end of a process and the start of the next one."""

    free_failures: int = 0
    """Failures in a row after which a process still restarts without a pause."""
    longest_pause: float = 60.0
    """Bound of the pauses (s)."""
    steady_seconds: float = math.inf
    """Age of a process (s) above which its end is no failure and clears those before."""

    def pause(self, failures: int) -> float:
        """Return the pause (s) after so many failures in a row."""
        paused = failures - self.free_failures
        if paused <= 0:
            return 0.0
        doublings = min(paused - 1, MOST_DOUBLINGS)
        return min(FIRST_PAUSE_SECONDS * 2.0**doublings, self.longest_pause)


class ChildSupervisor:
    """The state of one child process at a time. An impossible event raises `RuntimeError`."""

    def __init__(self, policy: RestartPolicy) -> None:
        self.policy = policy
        self.state = ChildState.WAITING_TO_RESTART
        self.deadline: float | None = -math.inf
        """Time (s) at which a process has to start or to have answered, if any."""
        self.since = -math.inf
        """Time of the last event (s)."""
        self.failures = 0
        """Failures in a row."""
        self._started = -math.inf

    @property
    def running(self) -> bool:
        """True if a process runs."""
        return self.state in RUNNING

    def is_due(self, now: float) -> bool:
        """Return True at or after the deadline: a restart is due, or the process hangs."""
        return self.deadline is not None and now >= self.deadline

    def started(self, now: float, timeout: float | None = None) -> None:
        """Note a process that has `timeout` seconds to report that it is ready.

        Without `timeout` it is BUSY as long as it lives.
        """
        self._require(ChildState.WAITING_TO_RESTART)
        self._started = now
        if timeout is None:
            self._enter(ChildState.BUSY, now)
        else:
            self._enter(ChildState.STARTING, now, now + timeout)

    def not_started(self, now: float) -> None:
        """Count a process that could not be started, and always pause before the next attempt."""
        self._require(ChildState.WAITING_TO_RESTART)
        self.failures += 1
        shortest = min(FIRST_PAUSE_SECONDS, self.policy.longest_pause)
        self._restart_after(max(self.policy.pause(self.failures), shortest), now)

    def ready(self, now: float) -> None:
        """Note that the process waits for a request."""
        self._require(*RUNNING)
        self._enter(ChildState.READY, now)

    def requested(self, now: float, timeout: float) -> None:
        """Note a request that is to be answered within `timeout` seconds."""
        self._require(ChildState.READY, ChildState.BUSY)
        self._enter(ChildState.BUSY, now, now + timeout)

    def answered(self, now: float) -> None:
        """Note an answer, which clears the failures before."""
        self._require(*RUNNING)
        self.failures = 0
        self._enter(ChildState.READY, now)

    def ended(self, now: float) -> None:
        """Schedule the restart of a process that has ended.

        The end of one that was READY is no failure: the system may have chosen it to free memory.
        """
        self._require(*RUNNING)
        if now - self._started > self.policy.steady_seconds:
            self.failures = 0
        elif self.state is not ChildState.READY:
            self.failures += 1
        self._restart_after(self.policy.pause(self.failures), now)

    def replaced(self, now: float) -> None:
        """Note that the process was stopped, and that the next one starts now."""
        self._require(*RUNNING, ChildState.WAITING_TO_RESTART)
        self._restart_after(0.0, now)

    def close(self) -> None:
        """Note that no process runs, and that none will start."""
        self.state, self.deadline = ChildState.CLOSED, None

    def _restart_after(self, pause: float, now: float) -> None:
        self._enter(ChildState.WAITING_TO_RESTART, now, now + pause)

    def _enter(self, state: ChildState, now: float, deadline: float | None = None) -> None:
        self.state, self.since, self.deadline = state, now, deadline

    def _require(self, *states: ChildState) -> None:
        if self.state not in states:
            raise RuntimeError(
                f"an event that is impossible for a child process in state {self.state.name}"
            )
