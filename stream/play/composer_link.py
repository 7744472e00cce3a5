"""The composer process, and the lines of JSON that go to and fro.

The child says `{"ready": true}` once, then answers each request line with one phrase line;
`{"error": "..."}` in place of either is the end. It dies with us, because its standard input ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from stream.errors import ComposerError
from stream.note import phrase_from_document, to_json
from stream.play.priority import stand_back

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from stream.note import Phrase, PhraseRequest

LIVES = 3
"""Deaths in a row, without one phrase, after which we give up."""
FRUGAL = {"MALLOC_MMAP_THRESHOLD_": "131072"}
"""For the composer: glibc gives arrays of this size and more back to the system once they are free.
Left to itself it would keep ever larger ones, some megabytes in all."""
CLOSE_SECONDS = 0.5
CHUNK_BYTES = 65_536


def composer_command(voice: Path | str) -> list[str]:
    """The command that composes with the voice file `voice`."""
    return [sys.executable, "-m", "stream.compose", str(voice)]


class ComposerLink:
    """Starts the composer at once and restarts it when it dies, with the open request sent again.

    The child has a process group of its own, so that Ctrl-C on the terminal is ours alone.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.restarts = 0
        self._command = list(command)
        self._deaths = 0
        self._outstanding: PhraseRequest | None = None
        self._rest = b""
        self._start()

    @property
    def idle(self) -> bool:
        """True if no answer is awaited."""
        return self._outstanding is None

    def fileno(self) -> int:
        """Readable when the composer has said something, or has died."""
        return self._output

    def request(self, request: PhraseRequest) -> None:
        """Ask for one phrase; only when idle."""
        self._outstanding = request
        self._send(request)

    def receive(self) -> list[Phrase]:
        """The phrases that have arrived; never waits. Raises `ComposerError`."""
        chunk = self._read()
        if chunk is None:
            return []
        if not chunk:
            self._restart()
            return []
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return [phrase for line in lines for phrase in self._understand(line)]

    def stand_back(self) -> None:
        """From now on the notes come first: the composer has seconds, a note has none."""
        stand_back(self._child.pid)

    def close(self) -> None:
        """End the child and wait for it: by its input's end, else by force; again is harmless."""
        self._input.close()
        for insist in (self._child.terminate, self._child.kill):
            try:
                self._child.wait(CLOSE_SECONDS)
            except subprocess.TimeoutExpired:
                insist()
        self._child.wait()
        if self._child.stdout:
            self._child.stdout.close()

    def _start(self) -> None:
        self._rest = b""
        try:
            self._child = subprocess.Popen(  # noqa: S603 (our own command)
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                bufsize=0,
                process_group=0,
                env=os.environ | FRUGAL,
            )
        except OSError as error:
            raise ComposerError(
                f"the composer can not be started: {self._command[0]}: {error.strerror}",
            ) from error
        if not (self._child.stdin and self._child.stdout):
            raise ComposerError("the composer has no pipes")
        self._input = self._child.stdin
        self._output = self._child.stdout.fileno()
        os.set_blocking(self._output, False)

    def _send(self, request: PhraseRequest) -> None:
        # A broken pipe shows again as the end of the output, where it is dealt with.
        with contextlib.suppress(BrokenPipeError):
            self._input.write(to_json(request).encode() + b"\n")

    def _read(self) -> bytes | None:
        """What is there; nothing left at the end of the output; None if there is nothing yet."""
        try:
            return os.read(self._output, CHUNK_BYTES)
        except BlockingIOError:
            return None

    def _understand(self, line: bytes) -> list[Phrase]:
        try:
            document = json.loads(line)
            if "error" in document:
                raise ComposerError(document["error"])
            if "ready" in document:
                return []
            phrase = phrase_from_document(document)
        except (ValueError, KeyError, TypeError) as error:
            raise ComposerError(f"the composer answers nonsense: {line[:80]!r}") from error
        self._deaths = 0
        self._outstanding = None
        return [phrase]

    def _restart(self) -> None:
        self._deaths += 1
        self._child.kill()
        self.close()
        if self._deaths >= LIVES:
            raise ComposerError(
                f"the composer died {LIVES} times without a phrase"
                f" (exit status {self._child.returncode}); 'perpetuum doctor' looks for the cause",
            )
        self.restarts += 1
        self._start()
        if self._outstanding:
            self._send(self._outstanding)
