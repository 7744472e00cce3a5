"""Learns the taste of the listener anew when stars are given, by the command `perpetuum taste`.

The command takes seconds on a small board, so it runs as a process of low priority, one at a time,
and a thread waits for it. The player never waits.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from stream.kept import tastes
from stream.play.recording.writer_thread import start_thread
from stream.util.realtime import lower_priority

if TYPE_CHECKING:
    from collections import deque
    from pathlib import Path

    from stream.taste.terms import Taste

LEARN_SECONDS = 300.0
"""Seconds that learning may take."""
REST_SECONDS = 2.0
"""Seconds from a star to the learning: of several stars in a row, the last ones count."""
CLOSE_SECONDS = 0.3
"""Seconds for the thread to end."""


class TasteLearner:
    """The taste of the stars in `folder`; `notices` takes messages for the listener."""

    def __init__(self, folder: Path, notices: deque[str]) -> None:
        self.taste: Taste = tastes.read(folder)
        """The latest taste."""
        self._folder = folder
        self._notices = notices
        self._change = threading.Condition()
        self._due = False
        self._closing = False
        self._process: subprocess.Popen[str] | None = None
        self._thread: threading.Thread | None = None
        if tastes.stale(folder):
            self.learn()

    def learn(self) -> None:
        """Have the taste learned soon. Does not wait."""
        with self._change:
            self._due = True
            self._change.notify()
        if self._thread is None:
            thread = threading.Thread(target=self._run, name="taste", daemon=True)
            try:
                start_thread(thread)
            except OSError as error:
                self._fail(f"{error.strerror}")
            else:
                self._thread = thread

    def close(self) -> None:
        """End the thread and its process within a second; the next start learns what is left."""
        with self._change:
            self._closing = True
            self._change.notify()
            if self._process is not None:
                self._process.kill()
        if self._thread is not None:
            self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._due or self._closing)
                if self._change.wait_for(lambda: self._closing, REST_SECONDS):
                    return
                self._due = False
            self._learn()

    def _learn(self) -> None:
        try:
            with self._change:
                if self._closing:
                    return
                process = self._process = _start(self._folder)
        except OSError as error:
            self._fail(f"{error.strerror}")
            return
        lower_priority(process.pid)
        try:
            _, errors = process.communicate(timeout=LEARN_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self._fail(f"it took more than {LEARN_SECONDS:g} s")
            return
        if self._closing:
            return
        self._notices.extend(errors.strip().splitlines()[:1])
        if not process.returncode:
            self.taste = tastes.read(self._folder)

    def _fail(self, reason: str) -> None:
        self._notices.append(
            f"the stars were not learned from ({reason}); the music goes on as before; to learn"
            f" from them, run: perpetuum taste --kept {self._folder}"
        )


def _start(folder: Path) -> subprocess.Popen[str]:
    """Start the process that learns. Raises `OSError`."""
    return subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-m", "stream", "taste", "--json", f"--kept={folder}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        process_group=0,
    )
