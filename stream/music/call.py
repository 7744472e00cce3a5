"""Calls: what a person plays to the voice, with the memory of the calls before."""

from __future__ import annotations

from dataclasses import dataclass

from stream.music.note import TICKS_PER_BEAT, Note

MOST_CALLED = 256
"""Number of notes that are remembered of a session; the last ones remain."""
PAUSE = 4 * TICKS_PER_BEAT
"""Ticks between two calls in memory, however long the pause was."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call; the onsets of its notes are negative: ticks from its end."""

    notes: tuple[Note, ...]
    ticks: int
    """Length in ticks."""
    tempo: float = 0.0
    """Tempo at which it was played, in quarter notes a minute; 0 if unknown."""
    before: tuple[Note, ...] = ()
    """Notes of earlier calls, oldest first, on the same time line; empty for the first call."""


class Calls:
    """The calls of a session."""

    def __init__(self) -> None:
        self._last = Call((), 0)

    def add(self, notes: tuple[Note, ...], ticks: int, tempo: float) -> Call:
        """Return a call with the memory of those before it, and remember it as well."""
        gone = ticks + PAUSE
        known = (*self._last.before, *self._last.notes)[-MOST_CALLED:]
        self._last = Call(notes, ticks, tempo, tuple(note.moved(-gone) for note in known))
        return self._last
