"""Looks up a host in a thread: a name server may take ten seconds and more."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from stream.control.trusted_hosts import parse_address

if TYPE_CHECKING:
    import socket

    from stream.util.address import Address

RETRY_SECONDS = 5.0
"""Seconds from a failed lookup to the next one."""


class HostLookup:
    """Looks up the address of a host once, in a thread of its own."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._result: tuple[socket.AddressFamily, Any] | None = None
        self._error: OSError | None = None
        self._ended_at = 0.0
        self._done = threading.Event()
        if parse_address(address.host) is not None:
            self._resolve()  # a numeric address needs no network
        else:
            threading.Thread(target=self._resolve, name="lookup", daemon=True).start()

    @property
    def needs_retry(self) -> bool:
        """True if the lookup has failed, long enough ago to try again."""
        failed = self._done.is_set() and self._error is not None
        return failed and time.monotonic() >= self._ended_at + RETRY_SECONDS

    def result(self, timeout: float) -> tuple[socket.AddressFamily, Any]:
        """Return the family and the address, as UDP sockets take them.

        Raises `OSError` if the lookup failed, `TimeoutError` if it takes longer than `timeout` (s).
        """
        if not self._done.wait(timeout):
            raise TimeoutError("the name server has not answered yet")
        if self._result is None:
            raise self._error or OSError("unknown")
        return self._result

    def _resolve(self) -> None:
        try:
            self._result = self._address.resolved()
        except OSError as error:
            self._error = error
        self._ended_at = time.monotonic()
        self._done.set()
