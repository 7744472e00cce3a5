"""A pseudo-terminal with a program in it, and the screen that a person sees."""

import contextlib
import os
import pty
import re
import select
import signal
import sys
import termios
import time
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[4]
VOICE = ROOT / "tests" / "data" / "tiny.onnx"
PLAY = [sys.executable, "-m", "stream", "play", "--voice", str(VOICE), "--out", "null"]
PLAY += ["--seed", "1"]
PATIENCE = 30.0
"""Seconds to wait for a text; a machine may be slow."""
ALTERNATE = re.compile(rb"\x1b\[\?1049([hl])")


class Screen:
    """A terminal in which `command` runs as leader of its session."""

    def __init__(self, command, folder, width=100, height=24, **environment):
        self.said = b""
        self.screen = pyte.Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)
        environment = {
            name: value for name, value in (self._usual(folder) | environment).items() if value
        }
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)  # noqa: S606
        self.resize(width, height)
        self.status = None

    @staticmethod
    def _usual(folder):
        usual = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": ""}
        usual |= {"PYTHONUTF8": "1", "PYTHONPATH": str(ROOT), "HOME": str(folder)}
        return usual | {"XDG_STATE_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}

    def resize(self, width, height):
        termios.tcsetwinsize(self.master, (height, width))
        self.screen.resize(height, width)

    def read(self, seconds=0.1):
        """Show what arrives in this time; return False once the program has ended."""
        if select.select([self.master], [], [], seconds)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return False
            self.said += data
            # An emulator that knows no second screen shows both on one.
            self._stream.feed(ALTERNATE.sub(b"\x1b[H\x1b[2J", data))
        return True

    @property
    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, text, *, is_gone=False):
        end = time.monotonic() + PATIENCE
        while (text in self.text) == is_gone and self.read():
            assert time.monotonic() < end, f"{text!r} in\n{self.text}"
        assert (text in self.text) != is_gone, f"{text!r} in\n{self.text}"

    def type(self, keys):
        os.write(self.master, keys.encode())

    def modes(self):
        """Echo and line by line, as the terminal is set now."""
        local = termios.tcgetattr(self.master)[3]
        return bool(local & termios.ECHO), bool(local & termios.ICANON)

    def is_restored(self):
        """Return True if the last screen that was chosen is the usual one, with a cursor."""
        chosen = ALTERNATE.findall(self.said)
        return chosen[-1:] == [b"l"] and self.said.rfind(b"\x1b[?25h") > self.said.rfind(
            b"\x1b[?25l"
        )

    def end(self):
        """Read until the program has ended; return its exit status."""
        while self.read(1.0):
            pass
        if self.status is None:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status

    def close(self):
        if self.status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.master)
