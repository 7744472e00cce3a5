"""A composer process, and the lines of JSON that go to and fro.

The child says `{"ready": true}` once, then answers each request line with one line of music;
`{"error": "..."}` in place of either is the end. It dies with us, because its input ends.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from stream.errors import ComposerError, StreamError, VoiceError, named
from stream.music.note import document_from_json
from stream.play.composer.process import heard_memory, started
from stream.util.realtime import lower_priority

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stream.util.event_wait import File

LIVES = 3
"""Deaths after which we give up, if there never was a phrase."""
READY_SECONDS = 60.0
"""Given to the composer to load its voice, from a slow card on a slow board ..."""
READY_TIMES = 5.0
"""... and then, to one that replaces it, so many times what the first took (it is cached now)."""
HANG_SECONDS = 2.0
"""Given to it for a phrase; twice that after a hang, and so on: it may only be slow for a while."""
PATIENCE_SECONDS = 64.0
"""Given at most."""
PAUSE_SECONDS = 60.0
"""At most between a death and the next start."""
CLOSE_SECONDS = 0.5
CHUNK_BYTES = 65_536
LONGEST_LINE = 1_000_000
"""Bytes of an answer; a phrase has some thousands, a passage of sound a hundred thousand."""

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


class ComposerClient(Generic[Asked, Answered]):
    """Starts the composer at once, and anew when it dies or hangs; the open request is sent again.

    Until the first phrase its faults are errors; after that there is music to repeat, and it is
    started again for ever, with growing pauses. Its process group is its own: Ctrl-C is ours alone.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.restarts = 0
        """Times it was started anew ..."""
        self.hangs = 0
        """... of which it did not answer in time."""
        self.fault = ""
        """What was wrong the last time, in one line."""
        self.deadline: float | None = None
        """When `tend` is to be called (s, monotonic); None: there is nothing to fear."""
        self._command = list(command)
        self._deaths, self._fruitful = 0, False
        self._patience = HANG_SECONDS
        self._ready_patience = READY_SECONDS
        self._outstanding: Asked | None = None
        self._asked = 0.0
        self.ready = False
        """Whether it has loaded its voice."""
        self._alive, self._rest = False, b""
        self._dying: list[subprocess.Popen[bytes]] = []
        self._heard = heard_memory()
        self._start()

    @property
    def idle(self) -> bool:
        """True if no answer is awaited."""
        return self._outstanding is None

    def files(self) -> list[File]:
        """The link itself, while there is a composer to hear."""
        return [self] if self._alive else []

    def fileno(self) -> int:
        """Readable when the composer has said something, or has died."""
        return self._output.fileno()

    def request(self, request: Asked) -> None:
        """Ask for one phrase; only when idle."""
        self._outstanding = request
        if self.ready:
            self._send(request)

    def receive(self) -> list[Answered]:
        """The phrases that have arrived; never waits. Raises what the composer tells of."""
        chunk = self._read() if self._alive else None
        if chunk is None:
            return []
        if not chunk:
            self._bury("the composer died")
            return []
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            # An answer without end is no JSON either.
            lines.append(self._rest)
        try:
            return [phrase for line in lines for phrase in self._understand(line)]
        except StreamError as error:
            if not self._fruitful:
                raise
            self._bury(str(error))
            return []

    def tend(self) -> None:
        """Replace a composer that hangs, start one whose pause is over. Raises `ComposerError`."""
        if self.deadline is None or time.monotonic() < self.deadline:
            return
        if not self._alive:
            self._start()
            return
        self.hangs += 1
        self._patience = min(2 * self._patience, PATIENCE_SECONDS)
        self._ready_patience = max(self._ready_patience, READY_SECONDS)
        self._bury(f"the composer said nothing for {time.monotonic() - self._asked:.1f} s")

    def change(self, command: Sequence[str]) -> None:
        """Compose with another command, another voice; what was asked for is forgotten."""
        self._command, self._outstanding = list(command), None
        self._let_go()
        self._start()

    def give_up(self) -> None:
        """Raise `ComposerError` where it has died often in a row, and nothing can be repeated."""
        if self._deaths >= LIVES:
            raise ComposerError(
                f"{self.fault} {LIVES} times without a phrase (exit status"
                f" {self._child.wait()}); 'perpetuum doctor' looks for the cause"
            )

    def stand_back(self) -> None:
        """From now on the notes come first: the composer has seconds, a note has none."""
        lower_priority(self._child.pid)

    def close(self) -> None:
        """End the child and wait for it: by its input's end, else by force; again is harmless."""
        self._input.close()
        for insist in (self._child.terminate, self._child.kill):
            try:
                self._child.wait(CLOSE_SECONDS)
            except subprocess.TimeoutExpired:
                insist()
        for child in (self._child, *self._dying):
            child.wait()
        self._forget()
        if self._heard >= 0:
            os.close(self._heard)
            self._heard = -1

    def _written(self, request: Asked) -> str:
        raise NotImplementedError  # the request as a line

    def _answer(self, document: Mapping[str, Any]) -> Answered:
        raise NotImplementedError  # what a line says; `MessageError` where that is nothing

    def _start(self) -> None:
        """Start one, or later without a free process; before a phrase that is `ComposerError`."""
        self._rest, self.ready = b"", False
        self._dying = [child for child in self._dying if child.poll() is None]
        try:
            self._child, self._input, self._output = started(self._command, self._heard)
        except ComposerError as error:
            if not self._fruitful:
                raise
            self.fault = str(error)
            self._deaths += 1
            self._put_off()
            return
        self._alive = True
        self._expect(self._ready_patience)

    def _put_off(self) -> None:
        """Have the next start wait, the longer the more have died."""
        self.deadline = time.monotonic() + min(2.0 ** max(self._deaths - 2, 0), PAUSE_SECONDS)

    def _expect(self, seconds: float) -> None:
        self._asked = time.monotonic()
        self.deadline = self._asked + seconds

    def _send(self, request: Asked) -> None:
        self._expect(self._patience)
        # A broken pipe shows again as the end of the output, where it is dealt with.
        with contextlib.suppress(BrokenPipeError):
            self._input.write(self._written(request).encode() + b"\n")

    def _read(self) -> bytes | None:
        """What is there; nothing left at the end of the output; None if there is nothing yet."""
        with contextlib.suppress(BlockingIOError):
            return os.read(self.fileno(), CHUNK_BYTES)
        return None

    def _understand(self, line: bytes) -> list[Answered]:
        try:
            document = document_from_json(line)
            phrase = None if document.keys() & {"error", "ready"} else self._answer(document)
        except (ValueError, KeyError, TypeError) as error:
            raise ComposerError(f"the composer answers nonsense: {line[:80]!r}") from error
        if "error" in document:
            raise named(document.get("kind"))(document["error"])
        if phrase is None:
            self._greet()
            return []
        if time.monotonic() - self._asked < HANG_SECONDS:
            self._patience = HANG_SECONDS
        self._deaths, self._fruitful = 0, True
        self._outstanding = self.deadline = None
        return [phrase]

    def _greet(self) -> None:
        self._ready_patience = max(READY_TIMES * (time.monotonic() - self._asked), HANG_SECONDS)
        self.ready, self.deadline = True, None
        if self._outstanding:
            self._send(self._outstanding)

    def _bury(self, fault: str) -> None:
        """Let go a composer that is of no use, and start the next; without waiting for its end."""
        self.fault = fault
        # One that has done all it was asked may just have been chosen to free memory.
        self._deaths += not (self.ready and self.idle)
        self._let_go()
        if not self._fruitful:
            if self._child.wait() == -signal.SIGXCPU:
                raise VoiceError("the voice takes too long to compose anything; give another")
            self.give_up()
        self.restarts += 1
        if self._fruitful and self._deaths > 1:
            self._put_off()
        else:
            self._start()

    def _let_go(self) -> None:
        self._child.kill()
        self._input.close()
        self._forget()
        self._dying.append(self._child)

    def _forget(self) -> None:
        self._alive = False
        self._output.close()
