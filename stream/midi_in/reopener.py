"""Keeping an input: it is opened when it comes, and opened again when it comes back."""

from __future__ import annotations

from collections.abc import Sequence

from stream.errors import InputError
from stream.midi_in.inbox import Timed
from stream.midi_in.source import Source
from stream.util.event_wait import File


class Reopener:
    """Owns a source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._look: float | None = None
        self.connected = False
        self.notices: list[str] = []
        """What the listener should know; whoever tells it clears the list."""

    @property
    def deadline(self) -> float | None:
        """When to look after the source (s); None: when one of its files can be read."""
        return self._look

    def start(self, now: float) -> None:
        """Open it at `now` (s), or wait for it."""
        try:
            self._connect()
        except InputError as error:
            self.notices.append(f"{error}; it is awaited")
        self._wait(now)

    def files(self) -> Sequence[File]:
        """Files that can be read when `take` has something to do."""
        return self._source.files()

    def take(self, now: float) -> list[Timed]:
        """What has come by `now` (s)."""
        is_time = self._look is not None and now >= self._look
        before = self.connected
        try:
            if not self.connected:
                if self._source.news() or is_time:
                    self._connect()
                return []
            if is_time:
                self._source.check()
            return self._source.take()
        except InputError as error:
            self._lose(error)
            return []
        finally:
            if is_time or self.connected is not before:
                self._wait(now)

    def close(self) -> None:
        """Let it go."""
        self._source.close()

    def _connect(self) -> None:
        try:
            self._source.connect()
        except InputError:
            self._source.close()
            raise
        self.connected = True
        self.notices.append(f"MIDI input: {self._source.name}")

    def _lose(self, error: InputError) -> None:
        if self.connected:
            self.notices.append(str(error))
        self.connected = False
        self._source.close()

    def _wait(self, now: float) -> None:
        pulse = self._source.pulse
        self._look = None if pulse is None else now + pulse
