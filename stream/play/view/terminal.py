"""The listener's terminal, borrowed and given back as it was.

It is written through a description of its own that never blocks: a terminal that is stopped
(Ctrl-S), slow or gone costs frames, never notes. What it does not take at once waits, and new
frames are dropped meanwhile.
"""

from __future__ import annotations

import atexit
import codecs
import os
import sys
import termios
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from stream.play.view import palette
from stream.util.printable import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stream.play.view.palette import Code

_ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l"
"""Alternate screen, no cursor, no wrapping."""
_LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_BEGIN, _END = "\x1b[?2026h", "\x1b[0m\x1b[?2026l"
"""Around a frame: terminals that know this mode show it whole."""


@dataclass(frozen=True, slots=True)
class Size:
    """In characters."""

    width: int
    height: int


def suitable(fd: int) -> bool:
    """Whether `fd` is a terminal that can show pictures in colour, and is told UTF-8."""
    return (
        os.isatty(fd)
        and os.environ.get("TERM", "dumb") != "dumb"
        # Empty is as if it were not set: https://no-color.org
        and not os.environ.get("NO_COLOR")
        and codecs.lookup(sys.stdout.encoding or "utf-8").name == "utf-8"
    )


def colour_code() -> Code:
    """How this terminal is told colours: exactly, if it says that it can."""
    exact = os.environ.get("COLORTERM", "") in {"truecolor", "24bit"}
    return palette.exact if exact else palette.nearest


class Terminal:
    """The alternate screen of the terminal behind `fd`. `close()` is idempotent.

    Raises `OSError` if `fd` is no terminal.
    """

    def __init__(self, fd: int) -> None:
        # O_NONBLOCK on `fd` itself would reach every program that shares it.
        self._fd = os.open(os.ttyname(fd), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        self._waiting = b""
        self._modes: list[Any] | None = None
        self._busy = self._entered = False
        self.lost = False
        """True once the terminal has gone."""
        atexit.register(self.close)

    def size(self) -> Size:
        """Width and height now. A terminal that says nothing is taken for 80 x 24."""
        try:
            columns, lines = os.get_terminal_size(self._fd)
        except OSError:
            columns, lines = 0, 0
        return Size(columns or 80, lines or 24)

    def in_foreground(self) -> bool:
        """False while a shell has us in the background: then the screen is not ours."""
        try:
            return os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:
            return True

    @property
    def busy(self) -> bool:
        """True while the rest of a frame waits and the terminal takes it bit by bit."""
        return self._busy

    def show(self, text: str) -> bool:
        """Put a frame on the screen; False if it was dropped."""
        if self.lost or not self.in_foreground() or not self._flush():
            return False
        if not self._entered:
            self._enter()
            text = _ENTER + text
        self._waiting = f"{_BEGIN}{text}{_END}".encode()
        self._flush()
        return not self.lost

    def close(self, last_words: Sequence[str] = ()) -> None:
        """Give the screen back and leave `last_words` on it, a line each."""
        atexit.unregister(self.close)
        if self._fd < 0:
            return
        if not self.lost and (self._entered or last_words):
            farewell = "".join(f"{visible(line)}\n" for line in last_words)
            self._waiting += f"{_LEAVE if self._entered else ''}{farewell}".encode()
            self._flush()
        self._restore_modes()
        os.close(self._fd)
        self._fd = -1

    def _flush(self) -> bool:
        """Write what waits; True if nothing is left."""
        before = len(self._waiting)
        self._busy = False
        try:
            while self._waiting:
                self._waiting = self._waiting[os.write(self._fd, self._waiting) :]
        except BlockingIOError:
            self._busy = len(self._waiting) < before
            return False
        except OSError:
            self.lost = True
            self._waiting = b""
            return False
        return True

    def _enter(self) -> None:
        """Keys pressed while music plays shall not draw over the picture."""
        self._entered = True
        try:
            self._modes = termios.tcgetattr(self._fd)
        except termios.error:
            return
        silent = list(self._modes)
        silent[3] = self._modes[3] & ~termios.ECHO
        termios.tcsetattr(self._fd, termios.TCSANOW, silent)

    def _restore_modes(self) -> None:
        if self._modes is None or self.lost or not self.in_foreground():
            return
        try:
            termios.tcsetattr(self._fd, termios.TCSANOW, self._modes)
        except termios.error:
            self.lost = True
