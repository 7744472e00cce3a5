"""Following somebody else's MIDI clock: start, stop, continue, song position. Times are given.

The music begins with the first clock after Start, which is beat 0; after Continue with the place
that was reached, or that a song position has set; at place 0, Continue is Start. Where the music
plays already, Continue changes nothing unless a song position came before it. A clock that stays
away without a Stop has been lost: the last tempo holds, and beats count on, so its return finds the
music where it is.
"""

from __future__ import annotations

import enum
from typing import Any

from stream.config.bounds import RANGES
from stream.midi_in.phase_locked_loop import PhaseLockedLoop

CLOCK, START, CONTINUE, STOP, SONG_POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
TRANSPORT = frozenset({CLOCK, START, CONTINUE, STOP, SONG_POSITION})
"""Status bytes that say where and how fast somebody plays."""
BEAT = 24
"""Clocks in a quarter note ..."""
SIXTEENTH = 6
"""... and in a unit of the song position; so often the tempo is told, too."""
LEAST = 7
"""Clocks from which a tempo can be told at all."""
LOST_SECONDS = 2.0
"""A clock that is silent for so long is given up."""

Command = dict[str, Any]


class State(enum.Enum):
    """What the clocks that come mean."""

    FREE = "nobody has said Start: beats are counted from the first clock"
    STARTING = "the next clock is beat 0"
    CONTINUING = "the next clock is the place that was reached"
    RUNNING = "each clock is one further"
    STOPPED = "the clocks tell the tempo alone"


class ClockFollower:
    """Turns transport messages into commands for the player."""

    def __init__(self) -> None:
        self._loop = PhaseLockedLoop()
        self._state = State.FREE
        self._position = 0
        """Clocks from beat 0 to the next one."""
        self._cue: int | None = None
        """Where the next Continue begins; None: where it stopped."""
        self._told: int | None = None
        """Position at which the tempo was told last."""
        self._last = 0.0
        self._present = False
        self._refused = 0

    @property
    def deadline(self) -> float | None:
        """When `due` has something to say unless a clock comes before (s)."""
        playing = self._state in (State.FREE, State.RUNNING)
        return self._last + LOST_SECONDS if self._present and playing else None

    def message(self, time: float, data: bytes) -> list[Command]:
        """One of the `TRANSPORT` messages, which came at `time` (s)."""
        status = data[0]
        if status == CLOCK:
            return self._clock(time)
        if status == START:
            self._state, self._position, self._cue = State.STARTING, 0, None
        elif status == CONTINUE:
            self._continue()
        elif status == SONG_POSITION:
            self._cue = SIXTEENTH * (data[1] | data[2] << 7)
        elif self._state is not State.STOPPED:
            return self._stop(time)
        return []

    def due(self, time: float) -> list[Command]:
        """What is to be said at `time` (s) because no clock came."""
        if self.deadline is None or time < self.deadline:
            return []
        self._present = False
        if not self._loop.settled:
            return [{"notice": "the MIDI clock has stopped before its tempo was known"}]
        return [{"notice": f"no MIDI clock any more; going on at {self._bpm:.1f} bpm"}]

    @property
    def _bpm(self) -> float:
        return 60 / (BEAT * self._loop.interval)

    def _continue(self) -> None:
        """The next clock goes on; what was counted while nobody had said Start is no place."""
        if self._state is State.RUNNING and self._cue is None:
            return
        if self._state is State.FREE:
            self._position = 0
        if self._state is not State.STARTING:
            self._state = State.CONTINUING

    def _stop(self, time: float) -> list[Command]:
        """Stop where the music has come to, which is further than the clocks if they were lost."""
        if self._state in (State.FREE, State.RUNNING):
            self._position += self._loop.swallowed(time)
        self._state = State.STOPPED
        return [{"stop": True}]

    def _clock(self, time: float) -> list[Command]:
        back = self._state is State.RUNNING and not self._present
        self._last, self._present = time, True
        begun = self._begin(time)
        if not begun:
            self._count(time)
        notice: list[Command] = [{"notice": "the MIDI clock is back"}] if back else []
        return notice + begun + self._tempo()

    def _begin(self, time: float) -> list[Command]:
        """The first clock after Start or Continue."""
        if self._state not in (State.STARTING, State.CONTINUING):
            return []
        if self._loop.expects(time):
            self._loop.tick(time)
        else:
            self._loop.strike(time)
        begin = self._position
        if self._state is State.CONTINUING and self._cue is not None:
            begin = self._cue
        self._position = 1 + begin
        self._state, self._told, self._cue = State.RUNNING, None, None
        return [{"continue" if begin else "start": self._loop.time}]

    def _count(self, time: float) -> None:
        if self._state is not State.STOPPED:
            self._position += self._loop.tick(time)
        elif self._loop.paused(time):
            # Whoever has stopped may stop the clock, too, and begin anew at any time.
            self._loop.strike(time)
        else:
            self._loop.tick(time)

    def _tempo(self) -> list[Command]:
        """The tempo line, where one is due."""
        here = self._position - 1
        if self._state is State.STOPPED or self._loop.ticks < LEAST:
            return []
        if self._told is not None and here - self._told < SIXTEENTH:
            return []
        self._told = here
        low, high = RANGES["bpm"]
        if not low <= self._bpm <= high:
            return self._refuse()
        self._refused = 0
        return [{"follow": {"time": self._loop.time, "beat": here / BEAT, "bpm": self._bpm}}]

    def _refuse(self) -> list[Command]:
        self._refused += 1
        if self._refused != 1:
            return []
        low, high = RANGES["bpm"]
        text = f"the MIDI clock runs at {self._bpm:.0f} bpm; set it to {low} to {high}"
        return [{"notice": text}]
