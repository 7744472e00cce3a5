"""Ratings by listeners, stored with the notes of a tune by the command `perpetuum rate`.

The command takes seconds on a small board, so it runs as a process, one at a time, and a thread
waits for it. The player never waits, however many stars come and whatever the process does.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.play.recording.writer_thread import start_thread
from stream.util.realtime import lower_priority

if TYPE_CHECKING:
    from collections import deque
    from pathlib import Path

RATINGS = "ratings.jsonl"
"""Name of the file of ratings, beside the folder of recordings."""
RATE_SECONDS = 60.0
"""Seconds that one rating may take."""
REST_SECONDS = 2.0
"""Seconds between two ratings: of several stars tapped in a row, the last ones count."""
CLOSE_SECONDS = 0.3
"""Seconds at the end for a rating that is running."""
KILLED_SECONDS = 0.3
"""Seconds for a process to end once it is killed."""
MOST_WAITING = 8


@dataclass(frozen=True, slots=True)
class Rating:
    """The rating of a listener."""

    stars: int
    """The number of stars, 1-5."""
    style: str


class Rater:
    """Stores ratings, and reports in `notices` those that failed; their recording still exists."""

    def __init__(self, notices: deque[str]) -> None:
        self._notices = notices
        self._change = threading.Condition()
        self._waiting: dict[Path, Rating] = {}
        self._process: subprocess.Popen[str] | None = None
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def full(self) -> bool:
        """True if no more ratings can wait."""
        return len(self._waiting) >= MOST_WAITING

    def put(self, recording: Path, rating: Rating) -> None:
        """Queue the rating of a recording, in place of one that waits. Does not wait."""
        with self._change:
            self._waiting[recording] = rating
            self._change.notify()
        if self._thread is None:
            self._start(recording, rating)

    def close(self) -> None:
        """End the thread within a second, and report what was not stored."""
        with self._change:
            self._closing = True
            self._change.notify()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)
            with self._change:
                if self._process is not None:
                    self._process.kill()
            self._thread.join(KILLED_SECONDS)
        for recording, rating in self._waiting.items():
            self._fail(recording, rating, "the player has ended")

    def _start(self, recording: Path, rating: Rating) -> None:
        # A daemon thread does not keep the process alive if it hangs.
        thread = threading.Thread(target=self._run, name="rating", daemon=True)
        try:
            start_thread(thread)
        except OSError as error:
            self._waiting.pop(recording, None)
            self._fail(recording, rating, f"{error.strerror}")
        else:
            self._thread = thread

    def _run(self) -> None:
        while (found := self._next()) is not None:
            recording, rating = found
            if reason := self._rate(recording, rating):
                self._fail(recording, rating, reason)

    def _next(self) -> tuple[Path, Rating] | None:
        """Wait for a rating, and for the pause after the one before; None at the end."""
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._closing)
            self._change.wait_for(lambda: self._closing, REST_SECONDS if self._process else 0.0)
            if self._closing:
                return None
            recording = next(iter(self._waiting))
            return recording, self._waiting.pop(recording)

    def _rate(self, recording: Path, rating: Rating) -> str:
        """Store a rating. Return the reason of a failure; empty on success."""
        try:
            with self._change:
                if self._closing:
                    return "the player has ended"
                process = self._process = _start_command(recording, rating)
        except OSError as error:
            return f"{error.strerror}"
        lower_priority(process.pid)
        try:
            _, errors = process.communicate(timeout=RATE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return f"it took more than {RATE_SECONDS:g} s"
        if not process.returncode:
            return ""
        return (errors.strip().splitlines() or [f"exit status {process.returncode}"])[-1]

    def _fail(self, recording: Path, rating: Rating, reason: str) -> None:
        command = shlex.join(("perpetuum", *_arguments(recording, rating)))
        self._notices.append(
            f"{rating.stars} stars were not stored ({reason}); to store them, run: {command}"
        )


def _arguments(recording: Path, rating: Rating) -> tuple[str, ...]:
    """Return the arguments of the command that stores a rating."""
    ratings = recording.parent.parent / RATINGS
    options = (f"--stars={rating.stars}", f"--style={rating.style}", f"--ratings={ratings}")
    return ("rate", *options, "--", str(recording))


def _start_command(recording: Path, rating: Rating) -> subprocess.Popen[str]:
    """Start the process that stores a rating. Raises `OSError`."""
    return subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-m", "stream", *_arguments(recording, rating)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        process_group=0,
    )
