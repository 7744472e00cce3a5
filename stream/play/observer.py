"""Who looks on while the stream plays: the log, or the live view.

The driver calls an observer only while the next note is far enough away (`ROOM_SECONDS`), so an
observer may take a few milliseconds, but must never block: it leaves out what its terminal does
not take at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from stream.util.event_wait import earliest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.music.note import Controls, Phrase
    from stream.music.stream_position import StreamPosition
    from stream.play.stats import Stats

ROOM_SECONDS = 0.015
"""Time to the next note that an observer is given at least."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A phrase and its place in time."""

    phrase: Phrase
    """As it sounds: arranged as the controls have it."""
    start: float
    """Seconds, monotonic."""
    end: float
    """Seconds, monotonic; the next phrase starts here."""
    repeat: bool = False
    """True if it plays again because the composer was late."""
    at: int = 0
    """Ticks of music before it."""
    source: Phrase | None = None
    """As it was composed."""
    begin: int = 0
    """Tick of the source at which this part of it begins ..."""
    finish: int = 0
    """... and ends: less than all of it where a control was moved."""
    before: StreamPosition | None = None
    """Where the stream stood before the source was composed."""
    controls: Controls | None = None
    """What it was arranged by."""

    def time_at(self, tick: float) -> float:
        """The time (s) of a tick of `phrase`."""
        return self.start + (self.end - self.start) * tick / self.phrase.length

    def tick_at(self, time: float) -> float:
        """The tick of `phrase` at a time (s), with its fraction."""
        return (time - self.start) * self.phrase.length / (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What there is to see at one moment."""

    now: float
    """Seconds, monotonic."""
    current: Slot | None
    """The phrase that sounds; None before the first."""
    upcoming: tuple[Slot, ...]
    """The queued phrases after it, in order."""
    stats: Stats
    """Live counters, to be read only."""
    sinks: tuple[str, ...]
    """Names of the outputs that still play."""
    held: float | None = None
    """Where the music stands still (s, monotonic), if it does."""

    @property
    def playhead(self) -> float:
        """How far the music has come (s, monotonic)."""
        return self.now if self.held is None else self.held


class Observer(Protocol):
    """Looks on; never raises, never blocks."""

    def phrase_started(self, moment: Snapshot) -> None:
        """`moment.current` has just begun."""

    def notice(self, text: str) -> None:
        """Something happened that the listener should know, in one line."""

    def refresh(self, moment: Snapshot) -> float | None:
        """Draw if it is time; return when to be called next (s, monotonic), None for never.

        The driver comes as soon after that as there is room, for the first time at the start.
        """

    def close(self) -> None:
        """The performance is over: restore the terminal. All outputs are silent already."""


class CompositeObserver:
    """Several observers, as one."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)

    def phrase_started(self, moment: Snapshot) -> None:
        for observer in self._observers:
            observer.phrase_started(moment)

    def notice(self, text: str) -> None:
        for observer in self._observers:
            observer.notice(text)

    def refresh(self, moment: Snapshot) -> float | None:
        wishes = [observer.refresh(moment) for observer in self._observers]
        return earliest(*wishes)

    def close(self) -> None:
        for observer in self._observers:
            observer.close()


class NullObserver:
    """Nobody looks on."""

    def phrase_started(self, moment: Snapshot) -> None:
        """Go unseen."""

    def notice(self, text: str) -> None:
        """Go unheard."""

    def refresh(self, moment: Snapshot) -> float | None:  # noqa: ARG002 (nothing to see)
        return None

    def close(self) -> None:
        """Nothing to restore."""
