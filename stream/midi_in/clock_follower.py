"""Follows a MIDI clock: start, stop, continue, song position. The caller gives all times.

The first clock after Start is beat 0. The first clock after Continue is the position that was
reached, or that a song position message has set; at position 0, Continue equals Start. While the
music plays, Continue changes nothing unless a song position message came before it. A clock that
stops without a Stop message is lost: the last tempo holds and beats are counted on, so that the
music is at the right position when the clock returns.
"""

from __future__ import annotations

import enum
from typing import Any

from stream.config.bounds import RANGES
from stream.midi_in.phase_locked_loop import PhaseLockedLoop

CLOCK, START, CONTINUE, STOP, SONG_POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
TRANSPORT = frozenset({CLOCK, START, CONTINUE, STOP, SONG_POSITION})
"""Status bytes of messages about position and tempo."""
BEAT = 24
"""Clocks in a quarter note."""
SIXTEENTH = 6
"""Clocks in a unit of the song position, and between two tempo commands."""
FEWEST = 7
"""Clocks from which a tempo can be estimated."""
LOST_SECONDS = 2.0
"""Seconds without a clock after which it counts as lost."""

Command = dict[str, Any]


class ClockState(enum.Enum):
    """The meaning of the next clock."""

    FREE = "no Start has come: beats are counted from the first clock"
    STARTING = "the next clock is beat 0"
    CONTINUING = "the next clock is the position that was reached"
    RUNNING = "each clock advances the position by one"
    STOPPED = "the clocks give the tempo alone"


class ClockFollower:
    """Turns transport messages into commands for the player."""

    def __init__(self) -> None:
        self._loop = PhaseLockedLoop()
        self._state = ClockState.FREE
        self._position = 0
        """Number of clocks from beat 0 to the next one."""
        self._cue: int | None = None
        """Position of the next Continue, in clocks; None for the position of the stop."""
        self._sent: int | None = None
        """Position of the last tempo command, in clocks."""
        self._last = 0.0
        self._present = False
        self._refusals = 0

    @property
    def deadline(self) -> float | None:
        """Time at which to call `due` unless a clock comes before (s), if any."""
        playing = self._state in (ClockState.FREE, ClockState.RUNNING)
        return self._last + LOST_SECONDS if self._present and playing else None

    def message(self, time: float, data: bytes) -> list[Command]:
        """Return the commands for one of the `TRANSPORT` messages, which came at `time` (s)."""
        status = data[0]
        if status == CLOCK:
            return self._clock(time)
        if status == START:
            self._state, self._position, self._cue = ClockState.STARTING, 0, None
        elif status == CONTINUE:
            self._continue()
        elif status == SONG_POSITION:
            self._cue = SIXTEENTH * (data[1] | data[2] << 7)
        elif self._state is not ClockState.STOPPED:
            return self._stop(time)
        return []

    def due(self, time: float) -> list[Command]:
        """Return a notice at `time` (s) if the clock is lost."""
        if self.deadline is None or time < self.deadline:
            return []
        self._present = False
        if not self._loop.settled:
            return [
                {"notice": "the MIDI clock has stopped before its tempo was known; start it again"}
            ]
        return [{"notice": f"the MIDI clock is lost; going on at {self._bpm:.1f} bpm"}]

    @property
    def _bpm(self) -> float:
        return 60 / (BEAT * self._loop.interval)

    def _continue(self) -> None:
        """Continue with the next clock, at 0 if the position was counted without a Start."""
        if self._state is ClockState.RUNNING and self._cue is None:
            return
        if self._state is ClockState.FREE:
            self._position = 0
        if self._state is not ClockState.STARTING:
            self._state = ClockState.CONTINUING

    def _stop(self, time: float) -> list[Command]:
        """Stop at the position of the music, which is ahead of the clocks if some were lost."""
        if self._state in (ClockState.FREE, ClockState.RUNNING):
            self._position += self._loop.missed_until(time)
        self._state = ClockState.STOPPED
        return [{"stop": True}]

    def _clock(self, time: float) -> list[Command]:
        back = self._state is ClockState.RUNNING and not self._present
        self._last, self._present = time, True
        start = self._begin(time)
        if not start:
            self._count(time)
        notice: list[Command] = [{"notice": "the MIDI clock is back"}] if back else []
        return notice + start + self._tempo()

    def _begin(self, time: float) -> list[Command]:
        """Return the command for the first clock after Start or Continue."""
        if self._state not in (ClockState.STARTING, ClockState.CONTINUING):
            return []
        if self._loop.expects(time):
            self._loop.tick(time)
        else:
            self._loop.restart_phase(time)
        begin = self._position
        if self._state is ClockState.CONTINUING and self._cue is not None:
            begin = self._cue
        self._position = 1 + begin
        self._state, self._sent, self._cue = ClockState.RUNNING, None, None
        return [{"continue" if begin else "start": self._loop.time}]

    def _count(self, time: float) -> None:
        if self._state is not ClockState.STOPPED:
            self._position += self._loop.tick(time)
        elif self._loop.paused(time):
            # A device that has stopped may stop its clock too, and restart it in another phase.
            self._loop.restart_phase(time)
        else:
            self._loop.tick(time)

    def _tempo(self) -> list[Command]:
        """Return the tempo command if one is due."""
        here = self._position - 1
        if self._state is ClockState.STOPPED or self._loop.ticks < FEWEST:
            return []
        if self._sent is not None and here - self._sent < SIXTEENTH:
            return []
        self._sent = here
        low, high = RANGES["bpm"]
        if not low <= self._bpm <= high:
            return self._refuse()
        self._refusals = 0
        return [{"follow": {"time": self._loop.time, "beat": here / BEAT, "bpm": self._bpm}}]

    def _refuse(self) -> list[Command]:
        self._refusals += 1
        if self._refusals != 1:
            return []
        low, high = RANGES["bpm"]
        text = f"the MIDI clock runs at {self._bpm:.0f} bpm; set it to {low} to {high} bpm"
        return [{"notice": text}]
