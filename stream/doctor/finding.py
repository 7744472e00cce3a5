"""One fact about this machine, as `perpetuum doctor` tells it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, and whether all is well with it."""

    name: str
    ok: bool
    detail: str
    """What was found, or what is wrong."""
    remedy: str = ""
    """The command, or the step, that mends it; empty where all is well."""
