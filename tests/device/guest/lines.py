"""What a program prints, each line with the moment at which it came."""

import os
import shutil
import subprocess
import threading
import time
from pathlib import Path

HOME = Path("/run/play")
"""Where the player may write."""


class Lines:
    """A running program and its lines of output: (s, monotonic), text."""

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
        """When a line with `text` came, after `since`; waits for it."""
        try:
            return until(lambda: self._first(text, since), seconds, repr(text))
        except TimeoutError as error:
            error.add_note(f"all that was said: {self.lines}")
            raise

    def _first(self, text, since):
        return next((at for at, line in tuple(self.lines) if at >= since and text in line), None)

    def end(self, signal, seconds):
        """The exit status after `signal`."""
        self.process.send_signal(signal)
        status = self.process.wait(seconds)
        self._thread.join(seconds)
        return status


def player(outputs, *flags):
    """`perpetuum play` by an account without rights but to sound and serial devices."""
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
    """The first true value of `condition`. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{seconds} s went by without {what}")
        time.sleep(0.002)
    return value
