"""A request to the composer, and where its answer goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from stream.music.stream_position import StreamPosition
    from stream.play.queue.splice_points import SplicePoint

    PositionChange = Callable[[StreamPosition], StreamPosition]


@dataclass(frozen=True, slots=True)
class ComposerRequest:
    """A request to the composer."""

    position: StreamPosition
    at: float
    """Time of the request (s)."""
    splice_point: SplicePoint | None = None
    """Splice point for the answer; None: after everything that is queued."""
    changes: tuple[PositionChange, ...] = ()

    @property
    def opens(self) -> bool:
        """True if the answer is played from its own beginning, wherever it is queued."""
        repeated = self.splice_point is not None and self.splice_point.slot.repeat
        return repeated or self.position.opened == self.position.index

    @property
    def begins_tune(self) -> bool:
        """True if the answer is the first phrase of a tune."""
        return self.position.opened == self.position.index
