"""Looking up a host without waiting for the network: it may not answer for ten seconds and more."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from stream.control.trusted_hosts import parse_address

if TYPE_CHECKING:
    import socket

    from stream.util.address import Address

AGAIN_SECONDS = 5.0
"""From a name that was not found to the next time it is looked up."""


class HostLookup:
    """Asks once for the address of a host, in a thread of its own."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._found: tuple[socket.AddressFamily, Any] | None = None
        self._error: OSError | None = None
        self._ended_at = 0.0
        self._done = threading.Event()
        if parse_address(address.host) is not None:
            self._ask()  # a number needs no network
        else:
            threading.Thread(target=self._ask, name="lookup", daemon=True).start()

    @property
    def stale(self) -> bool:
        """Whether it has failed, and that long ago that it is worth asking again."""
        failed = self._done.is_set() and self._error is not None
        return failed and time.monotonic() >= self._ended_at + AGAIN_SECONDS

    def result(self, patience: float) -> tuple[socket.AddressFamily, Any]:
        """The family and the address, as UDP sockets take them.

        Raises `OSError` if there is none, `TimeoutError` if it is not known after `patience` (s).
        """
        if not self._done.wait(patience):
            raise TimeoutError("the network has not said yet where that is")
        if self._found is None:
            raise self._error or OSError("unknown")
        return self._found

    def _ask(self) -> None:
        try:
            self._found = self._address.resolved()
        except OSError as error:
            self._error = error
        self._ended_at = time.monotonic()
        self._done.set()
