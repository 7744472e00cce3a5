"""One fact about this machine, as `perpetuum doctor` prints it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    name: str
    ok: bool
    detail: str
    """The version or device found, or the fault."""
    remedy: str = ""
    """The command or the step that removes the fault; empty without one."""
