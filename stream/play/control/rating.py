"""What listeners think of a tune, kept with its notes: `perpetuum rate` does it, on its own.

It takes seconds on a small board, so it runs in a process of its own, one at a time, and a thread
waits for it. However many stars come, and whatever becomes of that process, nothing else waits.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.play.recording.writer_thread import start_thread
from stream.util.realtime import stand_back

if TYPE_CHECKING:
    from collections import deque
    from pathlib import Path

RATINGS = "ratings.jsonl"
"""Beside the folder of the recordings."""
RATE_SECONDS = 60.0
"""Given to one rating."""
REST_SECONDS = 2.0
"""From one to the next: who taps several stars means the last."""
CLOSE_SECONDS = 0.3
"""Given to the one that runs at the end."""
KILLED_SECONDS = 0.3
"""Given to its end, once it is killed."""
MOST_WAITING = 8


@dataclass(frozen=True, slots=True)
class Rating:
    """What a listener thinks."""

    stars: int
    """1-5."""
    style: str


class Rater:
    """Keeps ratings. What could not be kept is told in `notices`: the recording is still there."""

    def __init__(self, notices: deque[str]) -> None:
        self._notices = notices
        self._change = threading.Condition()
        self._waiting: dict[Path, Rating] = {}
        self._process: subprocess.Popen[str] | None = None
        self._closing = False
        self._thread: threading.Thread | None = None

    @property
    def full(self) -> bool:
        """Whether no more can wait."""
        return len(self._waiting) >= MOST_WAITING

    def put(self, recording: Path, rating: Rating) -> None:
        """Have a recording rated soon; the last rating of one that waits counts. Does not wait."""
        with self._change:
            self._waiting[recording] = rating
            self._change.notify()
        if self._thread is None:
            self._start(recording, rating)

    def close(self) -> None:
        """End it within a second, and tell what was not kept."""
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
        # A daemon: whatever hangs in it is left behind.
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
            if why := self._rate(recording, rating):
                self._fail(recording, rating, why)

    def _next(self) -> tuple[Path, Rating] | None:
        """The next that waits, after a rest; None: it is over."""
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._closing)
            self._change.wait_for(lambda: self._closing, REST_SECONDS if self._process else 0.0)
            if self._closing:
                return None
            recording = next(iter(self._waiting))
            return recording, self._waiting.pop(recording)

    def _rate(self, recording: Path, rating: Rating) -> str:
        """Why the rating could not be kept; empty: it was."""
        try:
            with self._change:
                if self._closing:
                    return "the player has ended"
                process = self._process = _started(recording, rating)
        except OSError as error:
            return f"{error.strerror}"
        stand_back(process.pid)
        try:
            _, said = process.communicate(timeout=RATE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return f"it took more than {RATE_SECONDS:g} s"
        if not process.returncode:
            return ""
        return (said.strip().splitlines() or [f"exit status {process.returncode}"])[-1]

    def _fail(self, recording: Path, rating: Rating, why: str) -> None:
        again = shlex.join(("perpetuum", *_words(recording, rating)))
        self._notices.append(f"{rating.stars} stars were not kept ({why}); to keep them: {again}")


def _words(recording: Path, rating: Rating) -> tuple[str, ...]:
    """The command that keeps a rating, and all of it."""
    ratings = recording.parent.parent / RATINGS
    told = (f"--stars={rating.stars}", f"--style={rating.style}", f"--ratings={ratings}")
    return ("rate", *told, "--", str(recording))


def _started(recording: Path, rating: Rating) -> subprocess.Popen[str]:
    """The process that keeps a rating. Raises `OSError`."""
    return subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-m", "stream", *_words(recording, rating)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        process_group=0,
    )
