"""A pseudo-terminal as the far end of a MIDI line."""

from __future__ import annotations

import os
import termios
import tty
from types import TracebackType
from typing import Self


class Line:
    """Raw bytes from `device` (a path, as a serial port) to `master` (a descriptor to read)."""

    def __init__(self) -> None:
        # The near end is kept open here, so that the line outlives its writer.
        self.master, self._slave = os.openpty()
        tty.setraw(self._slave, termios.TCSANOW)
        self.device = os.ttyname(self._slave)

    def fileno(self) -> int:
        return self.master

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._slave)
        os.close(self.master)
