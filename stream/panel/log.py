"""Logging of faults of this program, at a limited rate; errors of clients are not logged."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

WINDOW_SECONDS = 60.0
MOST_LINES = 5
"""Most lines per window."""
CLIENT_ERRORS = (HttpProcessingError, web.RequestPayloadError, ConnectionError, TimeoutError)
"""Errors in a request or its connection."""


class RateLimitedFilter(logging.Filter):
    """Filter that passes faults at a limited rate. `clock` returns seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._begin = -WINDOW_SECONDS
        self._passed = self._omitted = 0

    def filter(self, record: logging.LogRecord) -> bool:
        if record.exc_info and isinstance(record.exc_info[1], CLIENT_ERRORS):
            return False
        if self._clock() - self._begin >= WINDOW_SECONDS:
            self._begin, self._passed = self._clock(), 0
        if self._passed >= MOST_LINES:
            self._omitted += 1
            return False
        self._passed += 1
        if self._omitted:
            record.msg = f"{record.msg} ({self._omitted} earlier messages were omitted)"
            self._omitted = 0
        return True


def set_up() -> None:
    """Log to standard error at a limited rate."""
    handler = logging.StreamHandler()
    handler.addFilter(RateLimitedFilter())
    logging.basicConfig(handlers=[handler], format="panel: %(message)s")
