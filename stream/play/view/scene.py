"""Everything that a frame of the live view shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stream.play.view.part_notes import NoteCache

if TYPE_CHECKING:
    from stream.play.observer import Slot, Snapshot
    from stream.play.view.keys import Key


@dataclass(frozen=True, slots=True)
class Scene:
    """A performance at one moment, and what the listener has chosen to see of it."""

    snapshot: Snapshot
    past: tuple[Slot, ...] = ()
    """Slots that have been played, oldest first."""
    notice: str = ""
    """The last notice for the listener."""
    addresses: tuple[tuple[str, str], ...] = ()
    """Name of each service, such as the panel, and the address at which it is reached."""
    keys: tuple[Key, ...] = ()
    """Keys that can be pressed; empty if none is read."""
    unfolded: frozenset[Key] = frozenset()
    """Keys whose pages are shown: help, details."""
    cache: NoteCache = field(default_factory=NoteCache)

    def slots(self) -> tuple[Slot, ...]:
        """Return past, current and coming slots in the order of time."""
        current = () if self.snapshot.current is None else (self.snapshot.current,)
        by_start = {slot.start: slot for slot in (*self.past, *current, *self.snapshot.upcoming)}
        return tuple(by_start[start] for start in sorted(by_start))
