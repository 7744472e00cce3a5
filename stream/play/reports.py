"""Reports of a performance: its counters, and the notices of composer, outputs and recorder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stream.play.missing_parts import MissingParts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stream.music.note import Phrase
    from stream.play.composer.phrase_client import PhraseClient
    from stream.play.recording.recorder import Recorder
    from stream.play.sinks.router import Router
    from stream.play.stats import Stats


class Reports:
    """Writes the counters to `path`, if one is given, and passes notices on to `notice`."""

    def __init__(self, stats: Stats, path: Path | None, notice: Callable[[str], None]) -> None:
        self._stats = stats
        self._path = path
        self._notice = notice
        self._missing_parts = MissingParts()

    def count(self, phrase: Phrase) -> None:
        """Count a phrase that was composed, and tell which parts it lacks."""
        self._stats.count(phrase)
        for text in self._missing_parts.notices(phrase):
            self._notice(text)

    def watch(self, client: PhraseClient) -> None:
        """Count the composer's restarts and hangs, and tell of a restart."""
        if client.restarts > self._stats.restarts:
            self._notice(f"{client.fault}; it is restarted")
        self._stats.restarts, self._stats.hangs = client.restarts, client.hangs

    def save(self) -> None:
        """Write the counters; an error of the disk is a notice."""
        if fault := self._stats.save(self._path):
            self._notice(fault)

    def collect(self, outputs: Router, recorder: Recorder | None) -> None:
        """Count lost and recovered outputs, and pass on the notices of outputs and recorder."""
        self._stats.sinks_lost, self._stats.sinks_back = outputs.lost, outputs.reconnected
        for notices in (outputs.notices, recorder.notices if recorder else ()):
            while notices:
                self._notice(notices.popleft())
