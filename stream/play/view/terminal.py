"""The listener's terminal: used for the live view and restored afterwards.

It is written through a file descriptor of its own that never blocks: a terminal that is stopped
(Ctrl-S), slow or closed loses frames, never notes. What it does not accept at once waits, and no
frame is drawn meanwhile: the screen always shows the last frame, or is on the way to it.
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
"""Sequence for the alternate screen, no cursor, no wrapping."""
_LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l"
_BEGIN, _END = "\x1b[?2026h", "\x1b[0m\x1b[?2026l"
"""Sequences around a frame: terminals that support this mode show it all at once."""


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
    """The alternate screen of the terminal behind `fd`. Calling `close()` again is harmless.

    Raises `OSError` if `fd` is not a terminal.
    """

    def __init__(self, fd: int) -> None:
        # O_NONBLOCK on `fd` itself would affect every program that shares it.
        self._fd = os.open(os.ttyname(fd), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
        self._waiting = b""
        self._modes: list[Any] | None = None
        self._busy = self._entered = False
        self.lost = False
        """True once the terminal was closed."""
        atexit.register(self.close)

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
        if not self._entered:
            self._enter()
            text = _ENTER + text
        self._waiting = f"{_BEGIN}{text}{_END}".encode()
        self.flush()

    def close(self, last_lines: Sequence[str] = ()) -> None:
        """Restore the screen and leave `last_lines` on it, a line each."""
        atexit.unregister(self.close)
        if self._fd < 0:
            return
        if not self.lost and (self._entered or last_lines):
            final_text = "".join(f"{visible(line)}\n" for line in last_lines)
            self._waiting += f"{_LEAVE if self._entered else ''}{final_text}".encode()
            self.flush()
        self._restore_modes()
        os.close(self._fd)
        self._fd = -1

    def _enter(self) -> None:
        """Turn off echo, so that keys pressed while music plays do not draw over the picture."""
        self._entered = True
        try:
            self._modes = termios.tcgetattr(self._fd)
        except termios.error:
            return
        no_echo = list(self._modes)
        no_echo[3] = self._modes[3] & ~termios.ECHO
        termios.tcsetattr(self._fd, termios.TCSANOW, no_echo)

    def _restore_modes(self) -> None:
        if self._modes is None or self.lost or not self.in_foreground():
            return
        try:
            termios.tcsetattr(self._fd, termios.TCSANOW, self._modes)
        except termios.error:
            self.lost = True
