"""Counters of a performance of sound."""

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
    """Seconds of sound that were composed."""
    tunes: int = 0
    died: int = 0
    """Tunes that were given up because their sound had become silent."""
    ran_away: int = 0
    """Tunes that were given up because their sound was too loud, or not a number."""
    queue_seconds: float = 0.0
    """Seconds of sound that are ready and not yet played."""
    level: float = 0.0
    """Root mean square of the last chunk, relative to full scale (1)."""
    underruns: int = 0
    """Times the sound was not ready in time, and silence was played."""
    underflows: int = 0
    """Times the sound card was served too late."""
    restarts: int = 0
    """Times the composer process was restarted."""
    hangs: int = 0
    """Restarts because the composer did not answer in time."""
    sinks_lost: int = 0
    """Times the sound card was lost."""
    sinks_back: int = 0
    """Times the sound card was connected again."""

    def count(self, chunk: AudioChunk, seconds: float) -> None:
        """Count a chunk; `seconds` of sound have been composed with it."""
        self.seconds = seconds
        self.tunes = chunk.tune + 1
        self.died += chunk.died
        self.ran_away += chunk.ran_away
        self.level = chunk.level

    def to_document(self) -> dict[str, Any]:
        """Return the counters as they are stored in the JSON file."""
        values = dataclasses.asdict(self)
        return {
            name: round(value, 3) if isinstance(value, float) else value
            for name, value in values.items()
        }

    def write(self, path: Path) -> None:
        """Replace the JSON file at `path` in one step. Raises `OSError`."""
        atomic_write.replace(path, f"{json.dumps(self.to_document())}\n".encode())
