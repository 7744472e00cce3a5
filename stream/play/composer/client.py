"""The client of a composer process: requests and answers are lines of JSON.

The process writes `{"ready": true}` once, then answers each request line with one line of music;
`{"error": "..."}` in place of either reports its failure. It ends with the player, because its
input ends.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from stream.errors import ComposerError, StreamError, VoiceError
from stream.music.note import document_from_json
from stream.play.child_supervisor import ChildState, ChildSupervisor, RestartPolicy
from stream.play.composer.process import ComposerProcess, open_history, raise_reported_error
from stream.play.composer.timeouts import Timeouts
from stream.util.json_lines import JsonLines
from stream.util.realtime import lower_priority

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Mapping, Sequence

    from stream.util.event_wait import File

MOST_FAILURES = 3
"""Failures in a row that are fatal before the first answer."""
BEFORE_MUSIC = RestartPolicy(free_failures=MOST_FAILURES)
WITH_MUSIC = RestartPolicy(free_failures=1, longest_pause=60.0)
"""Policy after the first answer: restarts have no limit, because there is music to repeat."""
CLOSE_SECONDS = 0.5
LONGEST_LINE = 1_000_000
"""Bytes of an answer; a phrase has some thousands, a chunk of audio a hundred thousand."""

Request = TypeVar("Request")
Answer = TypeVar("Answer")


class ComposerClient(Generic[Request, Answer]):
    """Starts a composer at once, and again when it dies or hangs; repeats the open request.

    Before the first answer its failures are errors. After that there is music to repeat, and it is
    restarted without end, with growing pauses. It has a process group of its own, so Ctrl-C reaches
    the player alone. `clock` gives monotonic seconds, `patience` are the seconds for an answer.
    """

    def __init__(
        self,
        command: Sequence[str],
        clock: Callable[[], float] = time.monotonic,
        patience: float | None = None,
    ) -> None:
        self.restarts = 0
        """Number of composers started to replace another, those that hung included."""
        self.hangs = 0
        """Number of composers that did not answer in time."""
        self.fault = ""
        """The last failure, in one line."""
        self._command = list(command)
        self._clock = clock
        self._supervisor = ChildSupervisor(BEFORE_MUSIC)
        self._timeouts = Timeouts(patience)
        self._request: Request | None = None
        self._lines = JsonLines(LONGEST_LINE)
        self._ending: list[subprocess.Popen[bytes]] = []
        self._history = open_history()
        self._start()

    @property
    def deadline(self) -> float | None:
        """Time at which to call `maintain` (s, monotonic); None if there is nothing to do."""
        return self._supervisor.deadline

    @property
    def ready(self) -> bool:
        """True if a composer runs and has loaded its voice."""
        return self._supervisor.state in (ChildState.READY, ChildState.BUSY)

    @property
    def idle(self) -> bool:
        """True if no answer is awaited."""
        return self._request is None

    def files(self) -> list[File]:
        """Return the client itself while a composer runs."""
        return [self] if self._supervisor.running else []

    def fileno(self) -> int:
        """Return a descriptor that is readable when the composer has answered or has died."""
        return self._process.output.fileno()

    def request(self, request: Request) -> None:
        """Request one answer; only when idle."""
        self._request = request
        if self.ready:
            self._send(request)

    def receive(self) -> list[Answer]:
        """Return the answers that have arrived; never wait. Raises the error that is reported."""
        chunk = self._process.receive() if self._supervisor.running else None
        if chunk is None:
            return []
        if not chunk:
            self._replace("the composer died")
            return []
        try:
            return [answer for line in self._lines.split(chunk) for answer in self._parse(line)]
        except StreamError as error:
            if self._supervisor.policy is BEFORE_MUSIC:
                raise
            self._replace(str(error))
            return []

    def maintain(self) -> None:
        """Replace a composer that hangs; start one after its pause. Raises `ComposerError`."""
        now = self._clock()
        if not self._supervisor.is_due(now):
            return
        if not self._supervisor.running:
            self._start()
            return
        self.hangs += 1
        self._timeouts.timed_out()
        self._replace(f"the composer did not answer for {now - self._supervisor.since:.1f} s")

    def change(self, command: Sequence[str]) -> None:
        """Compose with another command, that is, another voice; forget the open request."""
        self._command, self._request = list(command), None
        self._discard()
        self._supervisor.replaced(self._clock())
        self._start()

    def give_up(self) -> None:
        """Raise `ComposerError` after several failures in a row, if there is nothing to repeat."""
        if self._supervisor.failures >= MOST_FAILURES:
            raise ComposerError(
                f"{self.fault} {MOST_FAILURES} times without a phrase (exit status"
                f" {self._process.child.wait()}); 'perpetuum doctor' looks for the cause"
            )

    def lower_priority(self) -> None:
        """Give notes priority over the composer, which has seconds to answer."""
        lower_priority(self._process.child.pid)

    def close(self) -> None:
        """End the composer and wait for it; closing again is harmless."""
        self._process.close(CLOSE_SECONDS)
        for child in self._ending:
            child.wait()
        self._supervisor.close()
        if self._history >= 0:
            os.close(self._history)
            self._history = -1

    def _format(self, request: Request) -> str:
        """Return the request as a line without its newline."""
        raise NotImplementedError

    def _answer(self, document: Mapping[str, Any]) -> Answer:
        """Return the answer in a document. Raises `MessageError` for an invalid one."""
        raise NotImplementedError

    def _start(self) -> None:
        """Start a composer, or schedule it if that fails; raise that before the first answer."""
        self._lines = JsonLines(LONGEST_LINE)
        self._ending = [child for child in self._ending if child.poll() is None]
        try:
            self._process = ComposerProcess.start(self._command, self._history)
        except ComposerError as error:
            if self._supervisor.policy is BEFORE_MUSIC:
                raise
            self.fault = str(error)
            self._supervisor.not_started(self._clock())
            return
        self._supervisor.started(self._clock(), self._timeouts.ready)

    def _send(self, request: Request) -> None:
        self._supervisor.requested(self._clock(), self._timeouts.answer)
        self._process.send(self._format(request).encode() + b"\n")

    def _parse(self, line: bytes) -> list[Answer]:
        """Return the answer in a line, if it is one. Raises `ComposerError`, or what it reports."""
        try:
            document = document_from_json(line)
            is_answer = not document.keys() & {"error", "ready"}
            answers = [self._answer(document)] if is_answer else []
        except (ValueError, KeyError, TypeError) as error:
            raise ComposerError(f"the composer sent an invalid answer: {line[:80]!r}") from error
        raise_reported_error(document)
        if is_answer:
            self._note_answer()
        else:
            self._note_ready()
        return answers

    def _note_answer(self) -> None:
        now = self._clock()
        self._timeouts.answered_within(now - self._supervisor.since)
        self._supervisor.answered(now)
        self._supervisor.policy = WITH_MUSIC
        self._request = None

    def _note_ready(self) -> None:
        now = self._clock()
        self._timeouts.started_within(now - self._supervisor.since)
        self._supervisor.ready(now)
        if self._request is not None:
            self._send(self._request)

    def _replace(self, fault: str) -> None:
        """Discard a failed composer, and start the next one, now or after a pause."""
        self.fault = fault
        now = self._clock()
        self._supervisor.ended(now)
        self._discard()
        if self._supervisor.policy is BEFORE_MUSIC:
            if self._process.child.wait() == -signal.SIGXCPU:
                raise VoiceError("the voice takes too long to compose anything; choose another one")
            self.give_up()
        self.restarts += 1
        if self._supervisor.is_due(now):
            self._start()

    def _discard(self) -> None:
        self._process.discard()
        self._ending.append(self._process.child)
