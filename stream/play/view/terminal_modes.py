"""The modes of a terminal: changed while the view is shown, restored afterwards."""

from __future__ import annotations

import termios
from typing import Any

_LOCAL, _CHARACTERS = 3, 6
"""Indices into the list of `termios.tcgetattr`."""


class TerminalModes:
    """The modes of the terminal behind `fd`."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._usual: list[Any] | None = None

    def set(self, *, has_keys: bool) -> None:
        """Turn off echo, and let each key be read at once if keys are used.

        Echoed keys would draw over the picture. Ctrl-C, Ctrl-Z and Ctrl-S work as ever.
        """
        try:
            self._usual = self._usual or termios.tcgetattr(self._fd)
            changed = [*self._usual]
            changed[_LOCAL] &= ~(termios.ECHO | (termios.ICANON if has_keys else 0))
            if has_keys:
                changed[_CHARACTERS] = [*changed[_CHARACTERS]]
                changed[_CHARACTERS][termios.VMIN] = 1
                changed[_CHARACTERS][termios.VTIME] = 0
            termios.tcsetattr(self._fd, termios.TCSANOW, changed)
        except termios.error:
            return

    def restore(self) -> None:
        """Restore the modes from before, and drop keys that nobody has read."""
        if self._usual is None:
            return
        usual, self._usual = self._usual, None
        try:
            termios.tcflush(self._fd, termios.TCIFLUSH)
            termios.tcsetattr(self._fd, termios.TCSANOW, usual)
        except termios.error:
            return
