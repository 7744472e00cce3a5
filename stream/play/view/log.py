"""Observer that writes one line for each phrase, for a service or a pipe."""

from __future__ import annotations

import io
import os
import select
import sys
from typing import TYPE_CHECKING, TextIO

from stream.util.printable import visible

if TYPE_CHECKING:
    from stream.music.note import Phrase
    from stream.play.observer import Snapshot

DEBUG = "<7>"
"""Prefix of a line of the level debug in the journal: `sd-daemon(3)`."""


class Log:
    """Writes to `output`, by default standard error. A line that would block is dropped.

    In the system's journal phrases have the level debug: a service that plays for years may drop
    them, and keep the notices.
    """

    def __init__(self, output: TextIO | None = None) -> None:
        # A copy: standard error is redirected while a device is opened, to hide library messages.
        self._copy = None if output else _copy_of_standard_error()
        self._output = output or self._copy or sys.stderr
        self._is_closed = False
        """True once the reader has closed the pipe."""
        self._level = DEBUG if _is_journal(self._output) else ""
        self._tune: tuple[int, str] | None = None
        """Number and title of the tune that was told last."""

    def phrase_started(self, snapshot: Snapshot) -> None:
        slot, stats = snapshot.current, snapshot.stats
        if slot is None:
            return
        phrase = slot.phrase
        self._tell_tune(phrase)
        line = (
            f"phrase {stats.phrases} tune {phrase.tune} style {phrase.style or '-'}"
            f" bpm {phrase.bpm:g} notes {len(phrase.notes)} queue {stats.queue_seconds:.1f} s"
            f" accepted {stats.accepted}/{stats.composed} late {stats.late}"
        )
        self._write(f"{self._level}{line}{' repeat' if slot.repeat else ''}")

    def _tell_tune(self, phrase: Phrase) -> None:
        """Write what is known of a tune when it begins."""
        tune = phrase.tune, phrase.title
        if phrase.title and tune != self._tune:
            place = f" ({phrase.set_text})" if phrase.set_text else ""
            line = f"tune {phrase.tune} {phrase.style or '-'}: {phrase.title}, {phrase.bpm:g} bpm"
            near = f", near the favourite {phrase.returns_to}" if phrase.returns_to else ""
            self._write(f"{self._level}{line}{place}{near}")
        self._tune = tune

    def notice(self, text: str) -> None:
        self._write(text)

    def refresh(self, snapshot: Snapshot) -> float | None:  # noqa: ARG002 (a log does not move)
        return None

    def close(self) -> None:
        """Close the copy of standard error."""
        if self._copy:
            self._copy.close()

    def _write(self, line: str) -> None:
        self._put(f"{self._printable(line)}\n")

    def _printable(self, text: str) -> str:
        """Return the printable form of `text`, which may contain foreign names."""
        return visible(text, self._output.encoding or "utf-8")

    def _put(self, text: str) -> None:
        """Write, unless that would block. A full disk costs lines, and nothing else.

        Raises `BrokenPipeError` once after the reader has closed the pipe, which ends the program.
        """
        # A pipe that is ready accepts at least 4096 bytes.
        if self._is_closed or not select.select([], [self._output], [], 0)[1]:
            return
        try:
            print(text, end="", file=self._output, flush=True)
        except BrokenPipeError:
            self._is_closed = True
            raise
        except OSError:
            return


def _copy_of_standard_error() -> TextIO:
    """Return a copy without a buffer that could be written later."""
    raw = os.fdopen(os.dup(2), "wb", buffering=0)
    return io.TextIOWrapper(
        raw, encoding=sys.stderr.encoding, errors="backslashreplace", write_through=True
    )


def _is_journal(output: TextIO) -> bool:
    """Return True if the service manager connects `output` to the journal: `systemd.exec(5)`."""
    status = os.fstat(output.fileno())
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
