"""Kept tunes that are played again: they wait for the next tune to begin, and play before it.

The same notes are queued as were kept. They do not belong to the stream, which continues after them
as if they had not been played.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from stream.errors import SettingsError
from stream.music.note import TENTHS
from stream.music.stream_position import StreamPosition
from stream.play.observer import KeptTune, Slot
from stream.play.queue.splice_points import SplicePoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from stream.ensembles.ensemble import Ensemble
    from stream.music.note import Phrase
    from stream.play.queue.phrase_queue import PhraseQueue
    from stream.play.recording.format import Played

    PositionChange = Callable[[StreamPosition], StreamPosition]
    SoundingPart = tuple[Played, Phrase, Ensemble | None]

MOST_WAITING: Final = 8
"""Largest number of kept tunes that wait."""
AHEAD_SECONDS: Final = 0.05
"""Least seconds to the start of a tune that another one may still precede."""


class KeptTunes:
    """The kept tunes that wait to be played again."""

    def __init__(self, queue: PhraseQueue) -> None:
        self._queue = queue
        self._count = 0
        self._waiting: deque[tuple[Slot, ...]] = deque()

    @property
    def begun(self) -> KeptTune | None:
        """The kept tune that sounds; None while the stream does."""
        return self._queue.current.kept if self._queue.current else None

    def put(self, name: str, parts: Sequence[SoundingPart]) -> None:
        """Have the kept tune of a file wait. Raises `SettingsError` if too many do."""
        if len(self._waiting) >= MOST_WAITING:
            raise SettingsError(
                f"again: {MOST_WAITING} kept tunes wait to be played; try again after the next"
            )
        self._count += 1
        kept = KeptTune(name, self._count)
        self._waiting.append(tuple(_slot(kept, *part) for part in parts))

    def append(self, earliest: float) -> None:
        """Append all kept tunes that wait to the queue; the stream is between two tunes."""
        while self._waiting:
            for slot in self._waiting.popleft():
                self._queue.append(slot.phrase, slot, earliest=earliest)

    def insert(self, now: float) -> list[Slot]:
        """Cut the queue where a tune begins, and append the kept tunes there.

        Returns the slots that were cut off, which the caller appends again; none if no tune begins
        in the queue, so that the kept tunes go on waiting.
        """
        opening = next(filter(_opens, self._queue.upcoming), None)
        if not self._waiting or opening is None or opening.start < now + AHEAD_SECONDS:
            return []
        removed = self._queue.cut(SplicePoint(opening, opening.begin, opening.start))
        self.append(opening.start)
        return removed

    def leaving(
        self, splice_point: SplicePoint | None, changes: Sequence[PositionChange]
    ) -> list[PositionChange]:
        """Return the changes that apply: the tune after a kept one is the next already."""
        is_kept = splice_point is not None and splice_point.slot.kept is not None
        return [each for each in changes if not (is_kept and each is StreamPosition.next_tune)]

    @staticmethod
    def changeable(
        slots: Sequence[Slot], changes: Sequence[PositionChange], position: StreamPosition
    ) -> list[Slot]:
        """Return the slots that these changes may change: a kept tune can only be left.

        `position` is that of the stream after everything that is queued.
        """
        if any(change(position).tune != position.tune for change in changes):
            return list(slots)
        return [slot for slot in slots if slot.kept is None]

    def restore(self, removed: Iterable[Slot]) -> None:
        """Have the kept tunes wait again that were cut off the queue before they began."""
        found: dict[int, list[Slot]] = {}
        for slot in removed:
            if slot.kept:
                found.setdefault(slot.kept.number, []).append(slot)
        begun = self.begun.number if self.begun else 0
        self._waiting.extendleft(
            tuple(found[number]) for number in sorted(found, reverse=True) if number != begun
        )


def _slot(kept: KeptTune, part: Played, phrase: Phrase, ensemble: Ensemble | None) -> Slot:
    """Return the slot of a part of a kept tune, as it sounded."""
    return Slot(
        phrase,
        0.0,
        0.0,
        repeat=True,
        source=part.source,
        begin=part.begin,
        finish=part.finish,
        controls=part.controls,
        early=max((0, *(-note.offset for note in phrase.notes))) / TENTHS,
        ensemble=ensemble,
        kept=kept,
    )


def _opens(slot: Slot) -> bool:
    """Return True if a tune of the stream begins with the slot."""
    before = slot.before
    return before is not None and before.opened == before.index and slot.begin == 0
