"""A voice in a process of its own, for the commands that ask it something.

A voice may come from anywhere, and the library that runs it can be made to crash. So no command
loads one: whatever happens in there ends the other process, and is one line here.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from stream.errors import ComposerError, VoiceError, named
from stream.music.note import (
    Phrase,
    PhraseRequest,
    document_from_json,
    phrase_from_document,
    to_json,
)
from stream.play.composer.process import FRUGAL


def inquiry_command(voice: Path) -> list[str]:
    """The command that answers questions with the voice file `voice`."""
    return [sys.executable, "-m", "stream.compose.queries", str(voice)]


class VoiceProcess:
    """One voice, loaded; to be closed, as by `with`.

    Each question raises the errors that the voice's process tells of, and `VoiceError` where that
    process dies.
    """

    def __init__(self, voice: Path) -> None:
        self._voice = voice
        self._greeted = False
        try:
            self._child = subprocess.Popen(  # noqa: S603 (our own command)
                inquiry_command(voice),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=os.environ | FRUGAL,
            )
        except OSError as error:
            raise ComposerError(f"the composer can not be started: {error.strerror}") from error

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
        """End the process; again is harmless."""
        self._child.kill()
        self._child.communicate()

    def compose(self, request: PhraseRequest) -> Phrase:
        """The phrase that `play` would play."""
        return phrase_from_document(self.asked("compose", request=to_json(request)))

    def recreate(self, request: PhraseRequest, chosen: int) -> Phrase:
        """The phrase that was played when that candidate was chosen."""
        found = self.asked("recreate", request=to_json(request), chosen=chosen)
        return phrase_from_document(found)

    def asked(self, name: str, **question: Any) -> dict[str, Any]:
        """The answer to a question that `stream.compose.queries` knows."""
        if not self._greeted:
            self._greeted = bool(self._heard()["ready"])
        self._say(json.dumps({"ask": name} | question, separators=(",", ":")))
        return self._heard()

    def _say(self, line: str) -> None:
        if not self._child.stdin:
            raise ComposerError("the composer has no pipes")
        try:
            self._child.stdin.write(line.encode() + b"\n")
            self._child.stdin.flush()
        except BrokenPipeError as error:
            raise self._end() from error

    def _heard(self) -> dict[str, Any]:
        line = self._child.stdout.readline() if self._child.stdout else b""
        if not line.endswith(b"\n"):
            raise self._end()
        document = document_from_json(line)
        if "error" in document:
            raise named(document.get("kind"))(document["error"])
        return document

    def _end(self) -> VoiceError | ComposerError:
        """What is to be said of a process that has died."""
        status = self._child.wait()
        if status >= 0:
            return ComposerError(f"the composer died (exit status {status})")
        how = signal.Signals(-status).name
        why = "takes too long" if how == "SIGXCPU" else f"ends the process that runs it ({how})"
        return VoiceError(
            f"voice {self._voice}: its graph {why}; take voices from a trusted source"
        )
