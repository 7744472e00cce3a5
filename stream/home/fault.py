"""The words for a connection that failed."""

from __future__ import annotations

import re

DENIED = re.compile("user ?name or password|not authori[sz]ed", re.IGNORECASE)
"""Words of a broker that does not accept the credentials."""
ERROR_CODE = re.compile(r"^\[(Errno|code:) ?-?\d+\] ?")


def fault(error: Exception, credentials: str) -> str:
    """Return what is wrong, and what to do; `credentials` is the path of their file, or empty."""
    reason = ERROR_CODE.sub("", str(error)) or "no connection"
    if DENIED.search(reason):
        name = credentials or "--mqtt-credentials FILE"
        return f"{reason}; check user name and password in {name}; the player tries again"
    return f"{reason}; the player tries again, and plays on"
