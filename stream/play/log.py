"""One line a phrase, for a service or a pipe."""

from __future__ import annotations

import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from stream.play.observer import Moment


DEBUG = "<7>"
"""What the journal takes for the level of a line: `sd-daemon(3)`."""


class Log:
    """Writes to `output`, standard error unless given. A line that would block is left out.

    In the system's journal the phrases are of the level debug: a service that plays for years may
    leave them out, and keep the notices.
    """

    def __init__(self, output: TextIO | None = None) -> None:
        # A copy: while a device is opened, what C libraries would write there is kept away.
        self._copy = None if output else os.fdopen(os.dup(2), "w", encoding="utf-8")
        self._output = output or self._copy or sys.stderr
        self._level = DEBUG if _is_journal(self._output) else ""

    def phrase_started(self, moment: Moment) -> None:
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

    def refresh(self, moment: Moment) -> float | None:  # noqa: ARG002 (a log does not move)
        return None

    def close(self) -> None:
        """Nothing to restore."""
        if self._copy:
            self._copy.close()

    def _write(self, line: str) -> None:
        self._put(f"{line}\n")

    def _put(self, text: str) -> None:
        # A pipe that is ready takes at least 4096 bytes.
        if select.select([], [self._output], [], 0)[1]:
            print(text, end="", file=self._output, flush=True)


def _is_journal(output: TextIO) -> bool:
    """Whether the service manager has connected `output` to the journal: `systemd.exec(5)`."""
    status = os.fstat(output.fileno())
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
