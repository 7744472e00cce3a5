"""Opens an input once it is available, and again after it was lost."""

from __future__ import annotations

from collections.abc import Sequence

from stream.errors import InputError
from stream.midi_in.inbox import Timed
from stream.midi_in.source import Source
from stream.util.event_wait import File


class Reopener:
    """The owner of a source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._next_check: float | None = None
        self.connected = False
        self.notices: list[str] = []
        """Notices for the listener; the caller that shows them clears the list."""

    @property
    def deadline(self) -> float | None:
        """Time of the next check of the source (s); None if its files announce every change."""
        return self._next_check

    def start(self, now: float) -> None:
        """Open the source at `now` (s), or wait for it."""
        try:
            self._connect()
        except InputError as error:
            self.notices.append(f"{error}; it is opened when it becomes available")
        self._schedule_check(now)

    def files(self) -> Sequence[File]:
        """Return the files that are readable when `read` has something to do."""
        return self._source.files()

    def read(self, now: float) -> list[Timed]:
        """Return the messages that have come by `now` (s)."""
        is_due = self._next_check is not None and now >= self._next_check
        was_connected = self.connected
        try:
            if not self.connected:
                if self._source.may_be_available() or is_due:
                    self._connect()
                return []
            if is_due:
                self._source.check()
            return self._source.read()
        except InputError as error:
            self._lose(error)
            return []
        finally:
            if is_due or self.connected is not was_connected:
                self._schedule_check(now)

    def close(self) -> None:
        """Close the source."""
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

    def _schedule_check(self, now: float) -> None:
        seconds = self._source.check_seconds
        self._next_check = None if seconds is None else now + seconds
