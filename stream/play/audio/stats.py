"""What a performance of sound has done so far."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stream.util import atomic_write

if TYPE_CHECKING:
    from pathlib import Path

    from stream.music.audio_chunk import AudioChunk


@dataclass(slots=True)
class AudioStats:
    """Counters of one performance."""

    seconds: float = 0.0
    """Of sound that was composed."""
    tunes: int = 0
    died: int = 0
    """Tunes that were given up because their sound had died ..."""
    ran_away: int = 0
    """... or was too loud, or no number at all."""
    queue_seconds: float = 0.0
    """Sound that is ready and not yet played."""
    level: float = 0.0
    """Root mean square of the last passage, of full scale 1."""
    underruns: int = 0
    """Times the sound was not ready in time, and silence was played."""
    underflows: int = 0
    """Times the sound card was served too late."""
    restarts: int = 0
    """Times the composer process was started anew ..."""
    hangs: int = 0
    """... of which it did not answer in time."""
    sinks_lost: int = 0
    """Times the sound card was lost ..."""
    sinks_back: int = 0
    """... or found again."""

    def count(self, passage: AudioChunk, seconds: float) -> None:
        """Count a passage, with which so many seconds have been composed."""
        self.seconds = seconds
        self.tunes = passage.tune + 1
        self.died += passage.died
        self.ran_away += passage.ran_away
        self.level = passage.level

    def to_document(self) -> dict[str, Any]:
        """As they stand in the JSON file."""
        found = dataclasses.asdict(self)
        return {k: round(v, 3) if isinstance(v, float) else v for k, v in found.items()}

    def write(self, path: Path) -> None:
        """Put the JSON at `path` in one step. Raises `OSError`."""
        atomic_write.replace(path, f"{json.dumps(self.to_document())}\n".encode())
