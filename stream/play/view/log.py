"""One line a phrase, for a service or a pipe."""

from __future__ import annotations

import io
import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

from stream.util.printable import visible

if TYPE_CHECKING:
    from stream.play.observer import Snapshot


DEBUG = "<7>"
"""What the journal takes for the level of a line: `sd-daemon(3)`."""


class Log:
    """Writes to `output`, standard error unless given. A line that would block is left out.

    In the system's journal the phrases are of the level debug: a service that plays for years may
    leave them out, and keep the notices.
    """

    def __init__(self, output: TextIO | None = None) -> None:
        # A copy: while a device is opened, what C libraries would write there is kept away.
        self._copy = None if output else _copy_of_standard_error()
        self._output = output or self._copy or sys.stderr
        self._unread = False
        """Whether its reader has gone."""
        self._level = DEBUG if _is_journal(self._output) else ""

    def phrase_started(self, moment: Snapshot) -> None:
        slot, stats = moment.current, moment.stats
        if slot is None:
            return
        phrase = slot.phrase
        line = (
            f"phrase {stats.phrases} tune {phrase.tune} style {phrase.style or '-'}"
            f" bpm {phrase.bpm:g} notes {len(phrase.notes)} queue {stats.queue_seconds:.1f} s"
            f" accepted {stats.accepted}/{stats.composed} late {stats.late}"
        )
        self._write(f"{self._level}{line}{' repeat' if slot.repeat else ''}")

    def notice(self, text: str) -> None:
        self._write(text)

    def refresh(self, moment: Snapshot) -> float | None:  # noqa: ARG002 (a log does not move)
        return None

    def close(self) -> None:
        """Nothing to restore."""
        if self._copy:
            self._copy.close()

    def _write(self, line: str) -> None:
        self._put(f"{self._fit(line)}\n")

    def _fit(self, text: str) -> str:
        """What can be seen of `text`: names in it come from elsewhere."""
        return visible(text, self._output.encoding or "utf-8")

    def _put(self, text: str) -> None:
        """Write, unless it would wait. A disk that is full costs lines, and nothing else.

        Raises `BrokenPipeError` once, where the reader has gone: the program ends with it.
        """
        # A pipe that is ready takes at least 4096 bytes.
        if self._unread or not select.select([], [self._output], [], 0)[1]:
            return
        try:
            print(text, end="", file=self._output, flush=True)
        except BrokenPipeError:
            self._unread = True
            raise
        except OSError:
            return


def _copy_of_standard_error() -> TextIO:
    """Nothing waits in it that could be written later."""
    raw = os.fdopen(os.dup(2), "wb", buffering=0)
    return io.TextIOWrapper(
        raw, encoding=sys.stderr.encoding, errors="backslashreplace", write_through=True
    )


def _is_journal(output: TextIO) -> bool:
    """Whether the service manager has connected `output` to the journal: `systemd.exec(5)`."""
    status = os.fstat(output.fileno())
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
