"""The listener's terminal: used for the live view and restored afterwards.

It is used through a file descriptor of its own that never blocks: a terminal that is stopped
(Ctrl-S), slow or closed loses frames, never notes. What it does not accept at once waits, and no
frame is drawn meanwhile: the screen always shows the last frame, or is on the way to it.
"""

from __future__ import annotations

import atexit
import codecs
import os
import select
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from stream.play.view import palette
from stream.play.view.terminal_modes import TerminalModes
from stream.util.printable import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.play.view.palette import Code

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
"""Sequence for the alternate screen, no cursor, no wrapping."""
_LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_BEGIN, _END = "\x1b[?2026h", "\x1b[0m\x1b[?2026l"
"""Sequences around a frame: terminals that support this mode show it all at once."""
CLOSE_SECONDS = 0.5
"""Longest time to wait for a slow terminal at the end; all outputs are silent by then."""
CHUNK_BYTES = 256
"""Bytes of keys that are read at once."""


@dataclass(frozen=True, slots=True)
class Size:
    """Size of the terminal in characters."""

    width: int
    height: int


def suitable(fd: int) -> bool:
    """Return True if `fd` is a terminal with colors whose encoding is UTF-8."""
    return (
        os.isatty(fd)
        and os.environ.get("TERM", "dumb") != "dumb"
        # An empty value counts as not set: https://no-color.org
        and not os.environ.get("NO_COLOR")
        and codecs.lookup(sys.stdout.encoding or "utf-8").name == "utf-8"
    )


def color_code() -> Code:
    """Return the encoder of this terminal's colors: exact, if it declares support for them."""
    exact = os.environ.get("COLORTERM", "") in {"truecolor", "24bit"}
    return palette.exact if exact else palette.nearest


class Terminal:
    """The alternate screen of the terminal behind `fd`, and its keys if `keys` is the same one.

    Calling `close()` again is harmless. Raises `OSError` if `fd` is not a terminal.
    """

    def __init__(self, fd: int, keys: int = -1) -> None:
        name = os.ttyname(fd)
        # O_NONBLOCK on `fd` itself would affect every program that shares it.
        self._fd = os.open(name, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        self.has_keys = os.isatty(keys) and os.ttyname(keys) == name
        """True if keys are read."""
        self._modes = TerminalModes(self._fd)
        self._waiting = b""
        self._busy = self._entered = self._stale = False
        self.lost = False
        """True once the terminal was closed."""
        atexit.register(self.close)

    def fileno(self) -> int:
        """Return the descriptor, which is readable once a key was pressed."""
        return self._fd

    def size(self) -> Size:
        """Return the current width and height; 80 x 24 if unknown."""
        try:
            columns, lines = os.get_terminal_size(self._fd)
        except OSError:
            columns, lines = 0, 0
        return Size(columns or 80, lines or 24)

    def in_foreground(self) -> bool:
        """Return False while this program is in the background and must not draw."""
        try:
            return os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:
            return True

    @property
    def listens(self) -> bool:
        """True while keys are for this program."""
        return self.has_keys and self._entered and not self.lost and self.in_foreground()

    def read_keys(self) -> bytes:
        """Return the bytes of the keys that were pressed; never wait."""
        # Without the block, a read in the background would stop the program: termios(3).
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTIN})
        try:
            pressed = os.read(self._fd, CHUNK_BYTES)
        except BlockingIOError:
            return b""
        except OSError:
            pressed = b""
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if not pressed and self.in_foreground():
            self.has_keys = False  # the terminal was closed
        return pressed

    @property
    def busy(self) -> bool:
        """True while the rest of a frame waits and the terminal accepts it bit by bit."""
        return self._busy

    def flush(self) -> bool:
        """Write what waits; return True if nothing is left."""
        before = len(self._waiting)
        self._busy = False
        try:
            while self._waiting:
                self._waiting = self._waiting[os.write(self._fd, self._waiting) :]
        except BlockingIOError:
            self._busy = len(self._waiting) < before
        except OSError:
            self.lost = True
            self._waiting = b""
        return not self._waiting

    def show(self, text: str) -> None:
        """Begin to show a frame; everything before it must have been written."""
        if self._stale or not self._entered:
            self._entered, self._stale = True, False
            self._modes.set(has_keys=self.has_keys)
            text = _ENTER + text
        self._waiting = f"{_BEGIN}{text}{_END}".encode()
        self.flush()

    def reenter(self) -> None:
        """Enter the screen anew with the next frame: another program may have used it."""
        self._stale = True
        self._waiting = b""

    def leave(self, last_lines: Sequence[str] = ()) -> None:
        """Restore screen and modes, unless another program has them, and show lines of text."""
        if self.lost or not (self._entered or last_lines):
            return
        final_text = "".join(f"{visible(line)}\n" for line in last_lines)
        # The rest of a frame is dropped: an escape sequence ends one that is incomplete.
        self._waiting = f"{_LEAVE if self._entered else ''}{final_text}".encode()
        if self.in_foreground():
            self._modes.restore()
        self._entered = False
        end = time.monotonic() + CLOSE_SECONDS
        while not self.flush() and time.monotonic() < end:
            select.select([], [self._fd], [], CLOSE_SECONDS / 10)

    def close(self, last_lines: Sequence[str] = ()) -> None:
        """Restore the screen and leave `last_lines` on it, a line each."""
        atexit.unregister(self.close)
        if self._fd < 0:
            return
        self.leave(last_lines)
        os.close(self._fd)
        self._fd = -1
