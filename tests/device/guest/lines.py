"""The output of a program, line by line, with the time of each line."""

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

HOME = Path("/run/play")
"""The folder in which the player may write."""


class Lines:
    """A running program and its output as (time (s, monotonic), line)."""

    def __init__(self, command, **options):
        self.lines = []
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            **options,
        )
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self):
        for line in self.process.stdout:
            self.lines.append((time.monotonic(), line.rstrip()))

    def when(self, text, since, seconds):
        """Wait for a line with `text` after `since`, and return its time."""
        try:
            return until(lambda: self._first(text, since), seconds, repr(text))
        except TimeoutError as error:
            error.add_note(f"all output: {self.lines}")
            raise

    def _first(self, text, since):
        return next((at for at, line in tuple(self.lines) if at >= since and text in line), None)

    def end(self, signal, seconds):
        """Send `signal`, and return the exit status."""
        self.process.send_signal(signal)
        status = self.process.wait(seconds)
        self._thread.join(seconds)
        return status


def player(outputs, *flags):
    """Start `perpetuum play` as a user who may only use sound and serial devices."""
    HOME.mkdir(exist_ok=True)
    shutil.chown(HOME, "nobody")
    sites = "/source:/opt/perpetuum/site"
    environment = os.environ | {"PYTHONPATH": sites, "PYTHONPYCACHEPREFIX": f"{HOME}/cache"}
    chosen = [word for output in outputs for word in ("--out", output)]
    return Lines(
        ["python3", "-m", "stream", "play", "--candidates", "4", *chosen, *flags],
        env=environment,
        cwd=HOME,
        user="nobody",
        group="nogroup",
        extra_groups=["audio", "dialout"],
    )


def until(condition, seconds, what):
    """Return the first true value of `condition`. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {what} within {seconds} s")
        time.sleep(0.002)
    return value
