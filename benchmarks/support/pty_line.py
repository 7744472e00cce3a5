"""A pseudo-terminal as the far end of a MIDI line."""

from __future__ import annotations

import os
import termios
import tty
from typing import Self


class Line:
    """A line for raw bytes from `device` (path of a serial port) to `master` (file descriptor)."""

    def __init__(self) -> None:
        # The near end is kept open here, so that the line outlives its writer.
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave, termios.TCSANOW)
        self.device = os.ttyname(self._slave)

    def fileno(self) -> int:
        return self.master

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._slave)
        os.close(self.master)
