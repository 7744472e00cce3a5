"""Whether a listener is where it says it is: it has to send back what it was sent there.

The sender of a datagram is easily forged: who subscribed somebody else would have us send to them
for minutes. What we send to find out is no longer than the shortest subscription.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

SECRET_BYTES = 16
LARGEST = 2**31 - 1
"""A whole number of OSC has four bytes."""


class ListenerKeys:
    """A key for each address, from a secret that is new with each start; nothing is remembered."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(SECRET_BYTES)

    def of(self, listener: Any) -> int:
        """The key of an address: 1 to `LARGEST`."""
        digest = hmac.digest(self._secret, repr(listener).encode(), hashlib.sha256)
        return 1 + int.from_bytes(digest[:8], "big") % LARGEST
