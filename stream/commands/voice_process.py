"""A voice in a process of its own, for the commands that query it.

A voice may come from anywhere, and the library that runs it can be made to crash. So no command
loads one: a crash ends the other process, and is one line of an error message here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stream.errors import ComposerError, VoiceError
from stream.music.note import (
    Phrase,
    PhraseRequest,
    document_from_json,
    phrase_from_document,
    to_json,
)
from stream.play.composer.process import MALLOC_ENVIRONMENT, raise_reported_error
from stream.util.json_lines import json_line


def query_command(voice: Path) -> list[str]:
    """Return the command that answers queries with the voice file `voice`."""
    return [sys.executable, "-m", "stream.compose.queries", str(voice)]


class VoiceProcess:
    """The process of one voice, which a caller closes, for example by `with`.

    Each query raises the errors that the process reports, and `VoiceError` if it dies.
    """

    def __init__(self, voice: Path) -> None:
        self._voice = voice
        self._ready = False
        try:
            self._child = subprocess.Popen(  # noqa: S603 (our own command)
                query_command(voice),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | MALLOC_ENVIRONMENT,
            )
        except OSError as error:
            raise ComposerError(f"the composer cannot be started: {error.strerror}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process; closing again is harmless."""
        self._child.kill()
        self._child.communicate()

    def compose(self, request: PhraseRequest) -> Phrase:
        """Return the phrase that `play` would play."""
        return phrase_from_document(self.query("compose", request=to_json(request)))

    def recreate(self, request: PhraseRequest, chosen: int) -> Phrase:
        """Return the phrase that was played when that candidate was chosen."""
        answer = self.query("recreate", request=to_json(request), chosen=chosen)
        return phrase_from_document(answer)

    def query(self, name: str, **arguments: Any) -> dict[str, Any]:
        """Return the answer to a query of `stream.compose.queries`."""
        if not self._ready:
            self._ready = bool(self._receive()["ready"])
        self._send(json_line({"ask": name} | arguments))
        return self._receive()

    def _send(self, line: bytes) -> None:
        if not self._child.stdin:
            raise ComposerError("the composer has no pipes")
        try:
            self._child.stdin.write(line)
            self._child.stdin.flush()
        except BrokenPipeError as error:
            raise self._death() from error

    def _receive(self) -> dict[str, Any]:
        line = self._child.stdout.readline() if self._child.stdout else b""
        if not line.endswith(b"\n"):
            raise self._death()
        document = document_from_json(line)
        raise_reported_error(document)
        return document

    def _death(self) -> VoiceError | ComposerError:
        """Return the error that describes the death of the process."""
        status = self._child.wait()
        if status >= 0:
            return ComposerError(f"the composer died (exit status {status})")
        name = signal.Signals(-status).name
        why = (
            "takes too long" if name == "SIGXCPU" else f"crashes the process that runs it ({name})"
        )
        return VoiceError(
            f"voice {self._voice}: its graph {why}; take voices from a trusted source"
        )
