"""Keep C libraries from writing on the terminal.

ALSA, JACK and PortAudio print to file descriptor 2 when there is no card or no server. That is no
news to a listener: what fails is reported in our own words.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


ONE_AT_A_TIME = threading.RLock()
"""There is one descriptor 2 in a process, and outputs are opened by more than one thread."""


@contextlib.contextmanager
def hush() -> Iterator[None]:
    """File descriptor 2 leads nowhere inside the block; no JACK server is started by it."""
    with ONE_AT_A_TIME:
        yield from _hushed()


def _hushed() -> Iterator[None]:
    os.environ.setdefault("JACK_NO_START_SERVER", "1")
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
