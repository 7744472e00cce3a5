"""Counters of a performance, in bounded memory."""

from __future__ import annotations

import json
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from stream.util import atomic_write

if TYPE_CHECKING:
    from pathlib import Path

    from stream.music.note import Phrase

LATE_SECONDS = 0.005
"""Seconds after its deadline from which on a note counts as late."""


class Lateness:
    """Histogram of the seconds between the deadlines of notes and their sending."""

    BIN_SECONDS = 0.00002
    BINS = 1000
    """Number of bins; one more counts everything beyond."""

    def __init__(self) -> None:
        self.max = 0.0
        """Largest lateness in seconds."""
        self.count = 0
        self._bins = array("Q", bytes(8 * (self.BINS + 1)))

    def add(self, seconds: float) -> None:
        self.count += 1
        self.max = max(self.max, seconds)
        self._bins[min(max(int(seconds / self.BIN_SECONDS), 0), self.BINS)] += 1

    def histogram(self, merged: int, bins: int) -> list[int]:
        """Return the counts in `bins` wider bins, of `merged` each; the last one has no limit."""
        last = (bins - 1) * merged
        first = [sum(self._bins[at : at + merged]) for at in range(0, last, merged)]
        return [*first, sum(self._bins[last:])]

    def quantile(self, share: float) -> float:
        """Return the seconds that `share` (0-1) of the notes do not exceed; 0 without notes.

        The precision is one bin.
        """
        target = share * self.count
        cumulative = 0
        for index, count in enumerate(self._bins):
            cumulative += count
            if count and cumulative >= target:
                return (
                    min((index + 1) * self.BIN_SECONDS, self.max) if index < self.BINS else self.max
                )
        return 0.0


COUNTERS = (
    "notes", "phrases", "tunes", "late", "queue_seconds", "accepted", "composed", "repeats",
    "restarts", "hangs", "stalls", "sinks_lost", "sinks_back", "parts_failed",
)  # fmt: skip
"""Names of the counters that are plain numbers."""


@dataclass(slots=True)
class Stats:
    """Counters of one performance. The driver counts; everything else only reads."""

    notes: int = 0
    phrases: int = 0
    """Phrases begun, repeats included."""
    tunes: int = 0
    late: int = 0
    """Notes that left more than `LATE_SECONDS` after their deadline."""
    queue_seconds: float = 0.0
    """Seconds of music that are queued and not yet played."""
    accepted: int = 0
    """Melodies that passed every rule of the filter."""
    composed: int = 0
    """Melodies that were composed."""
    repeats: int = 0
    """Phrases played again because the composer was late."""
    restarts: int = 0
    """Times the composer process was restarted."""
    hangs: int = 0
    """Restarts because the composer did not answer in time."""
    stalls: int = 0
    """Times the whole player stood still and the stream was delayed."""
    sinks_lost: int = 0
    """Times an output was lost."""
    sinks_back: int = 0
    """Times an output was connected again, or for the first time during the music."""
    parts_failed: int = 0
    """Parts that phrases lack because their companions failed or were late."""
    lateness: Lateness = field(default_factory=Lateness)
    rejected: dict[str, int] = field(default_factory=dict)
    """Number of melodies that broke each rule of the filter."""

    def count(self, phrase: Phrase) -> None:
        """Count the melodies of a phrase that has been composed, and the parts that it lacks."""
        verdict = phrase.verdict
        self.parts_failed += len(phrase.failed)
        self.accepted += verdict.accepted
        self.composed += verdict.candidates
        for rule, broken in verdict.rejected:
            self.rejected[rule] = self.rejected.get(rule, 0) + broken

    def to_document(self) -> dict[str, Any]:
        """Return the counters as they are stored in the JSON file; lateness in milliseconds."""
        counters = {name: getattr(self, name) for name in COUNTERS}
        counters["queue_seconds"] = round(self.queue_seconds, 3)
        for name, seconds in (
            ("median", self.lateness.quantile(0.5)),
            ("p99", self.lateness.quantile(0.99)),
            ("max", self.lateness.max),
        ):
            counters[f"lateness_{name}_ms"] = round(1000 * seconds, 3)
        return counters

    def to_json(self) -> str:
        """Return one JSON object of flat numbers."""
        return json.dumps(self.to_document())

    def save(self, path: Path | None) -> str:
        """Write the JSON file, if there is to be one; return what is wrong, or an empty text."""
        try:
            if path is not None:
                self.write(path)
        except OSError as error:
            return f"--stats {path}: cannot be written ({error.strerror})"
        return ""

    def write(self, path: Path) -> None:
        """Replace the JSON file at `path`, in one step for its readers. Raises `OSError`.

        It does not wait for the disk: the next performance rewrites the file, and notes come first.
        """
        atomic_write.replace(path, f"{self.to_json()}\n".encode())
