"""What stands at a path: a file, a link, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class File:
    """A plain file."""

    data: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link, as systemd reads them."""

    target: str


Entry: TypeAlias = File | Link | None
Tree: TypeAlias = Mapping[str, Entry]
"""Absolute paths below the root of the system, such as `/etc/asound.conf`, and what is there."""
