"""What goes to the journal: faults of this program, a few at a time; nothing that clients do."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

WINDOW_SECONDS = 60.0
MOST_LINES = 5
"""In a window."""
OF_CLIENTS = (HttpProcessingError, web.RequestPayloadError, ConnectionError, TimeoutError)
"""What is wrong with a request, or with the way it came."""


class RateLimitedFilter(logging.Filter):
    """Lets a record pass that tells of a fault, unless too many have. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._begin = -WINDOW_SECONDS
        self._passed = self._left_out = 0

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], OF_CLIENTS):
            return False
        if self._clock() - self._begin >= WINDOW_SECONDS:
            self._begin, self._passed = self._clock(), 0
        if self._passed >= MOST_LINES:
            self._left_out += 1
            return False
        self._passed += 1
        if self._left_out:
            record.msg = f"{record.msg} ({self._left_out} more before it were left out)"
            self._left_out = 0
        return True


def set_up() -> None:
    """Write to the standard error, sparingly."""
    handler = logging.StreamHandler()
    handler.addFilter(RateLimitedFilter())
    logging.basicConfig(handlers=[handler], format="panel: %(message)s")
