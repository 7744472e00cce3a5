"""Observers of a live performance, such as the log and the live view.

The driver calls an observer only while the next note is at least `TASK_SECONDS` away, so an
observer may take a few milliseconds, but must never block: it drops what its terminal does not
accept at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stream.util.event_wait import earliest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.ensembles.ensemble import Ensemble
    from stream.music.note import Controls, Phrase
    from stream.music.stream_position import StreamPosition
    from stream.play.stats import Stats

TASK_SECONDS = 0.015
"""Longest time that a task, such as a call of an observer, may take in seconds."""


@dataclass(frozen=True, slots=True)
class KeptTune:
    """A kept tune that is played again."""

    name: str
    """Name of its file."""
    number: int
    """Number of this playing, from 1."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A phrase and its position in time."""

    phrase: Phrase
    """The phrase as it sounds: arranged according to the controls."""
    start: float
    """Start in seconds, monotonic."""
    end: float
    """End in seconds, monotonic; the next phrase starts here."""
    repeat: bool = False
    """True if it plays again, because the composer was late or because a listener has kept it."""
    at: int = 0
    """Ticks of music before this phrase."""
    source: Phrase | None = None
    """The phrase as it was composed."""
    begin: int = 0
    """Tick of the source at which the played part begins."""
    finish: int = 0
    """Tick of the source at which the played part ends; early if a control was moved."""
    before: StreamPosition | None = None
    """Position of the stream before the source was composed."""
    controls: Controls | None = None
    """Controls by which the source was arranged."""
    early: float = 0.0
    """Most ticks by which a note of `phrase` is performed before its place on the grid."""
    ensemble: Ensemble | None = None
    """Ensemble that plays, with the channels on which its parts sound; None without an ensemble."""
    kept: KeptTune | None = None
    """The kept tune that it belongs to; None in the stream."""

    def time_at(self, tick: float) -> float:
        """Return the time (s) of a tick of `phrase`."""
        return self.start + (self.end - self.start) * tick / self.phrase.length

    def tick_at(self, time: float) -> float:
        """Return the tick of `phrase` at a time (s), with its fraction."""
        if self.end <= self.start:  # an external clock that runs wild leaves it no time
            return 0.0
        return (time - self.start) * self.phrase.length / (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """State of a performance at one moment."""

    now: float
    """Time in seconds, monotonic."""
    current: Slot | None
    """The phrase that sounds; None before the first one."""
    upcoming: tuple[Slot, ...]
    """The queued phrases after the current one, in order."""
    stats: Stats
    """Live counters; read-only for observers."""
    sinks: tuple[str, ...]
    """Names of the outputs that are connected."""
    paused_at: float | None = None
    """Time at which the music was paused (s, monotonic); None while it runs."""

    @property
    def playhead(self) -> float:
        """Position of the music (s, monotonic)."""
        return self.now if self.paused_at is None else self.paused_at


class Observer(Protocol):
    """Receives what happens in a performance; never raises, never blocks."""

    def phrase_started(self, snapshot: Snapshot) -> None:
        """Note that `snapshot.current` has just begun."""

    def notice(self, text: str) -> None:
        """Report an event that the listener should know, in one line."""

    def refresh(self, snapshot: Snapshot) -> float | None:
        """Draw if it is time; return when to be called next (s, monotonic), None for never.

        The driver calls as soon as there is time after that, for the first time at the start.
        """

    def close(self) -> None:
        """Restore the terminal at the end of the performance; all outputs are silent already."""


class CompositeObserver:
    """Passes every call on to several observers."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)

    def phrase_started(self, snapshot: Snapshot) -> None:
        for observer in self._observers:
            observer.phrase_started(snapshot)

    def notice(self, text: str) -> None:
        for observer in self._observers:
            observer.notice(text)

    def refresh(self, snapshot: Snapshot) -> float | None:
        refresh_times = [observer.refresh(snapshot) for observer in self._observers]
        return earliest(*refresh_times)

    def close(self) -> None:
        for observer in self._observers:
            observer.close()


class NullObserver:
    """Ignores every call."""

    def phrase_started(self, snapshot: Snapshot) -> None:
        """Ignore the phrase."""

    def notice(self, text: str) -> None:
        """Ignore the notice."""

    def refresh(self, snapshot: Snapshot) -> float | None:  # noqa: ARG002 (nothing to see)
        return None

    def close(self) -> None:
        """Do nothing: there is nothing to restore."""
