"""Proof that a listener owns its address: it has to send back the key that was sent there.

The sender address of a datagram is easily forged: a forged subscription would direct messages at
another machine for minutes. The key message is not longer than the shortest subscription, so that
a forger gains no amplification.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

SECRET_BYTES = 16
LARGEST = 2**31 - 1
"""Largest whole number in the four bytes of OSC."""


class ListenerKeys:
    """Keys of addresses, derived from a secret of this process; no state is kept per address."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(SECRET_BYTES)

    def of(self, listener: Any) -> int:
        """Return the key of an address, 1 to `LARGEST`."""
        digest = hmac.digest(self._secret, repr(listener).encode(), hashlib.sha256)
        return 1 + int.from_bytes(digest[:8], "big") % LARGEST
