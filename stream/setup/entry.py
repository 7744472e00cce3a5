"""Entries at paths of a system: a file, a link, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class File:
    """A regular file."""

    data: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link, as systemd reads them."""

    target: str


Entry: TypeAlias = File | Link | None
Tree: TypeAlias = Mapping[str, Entry]
"""Entries by their absolute path below the root of the system, such as `/etc/asound.conf`."""
