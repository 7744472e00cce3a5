"""Keep C libraries from writing to the terminal.

ALSA, JACK and PortAudio print to file descriptor 2 if no card or no server is found. The program
reports such failures itself.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


ONE_AT_A_TIME = threading.RLock()
"""Lock for descriptor 2 of the process, because several threads open outputs."""


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Discard output to file descriptor 2 in the block, and keep JACK from starting a server."""
    with ONE_AT_A_TIME:
        yield from _redirected()


def _redirected() -> Iterator[None]:
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    before = os.dup(2)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    os.close(null)
    try:
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
