"""The kinds of trained companions by name; each is imported when it is first needed."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from stream.compose.companions.kind import CompanionKind

NAMES: Final = ("harmony", "bass", "comping", "hymnal", "drums")
"""Names of the trained companions. The module of each holds its kind as `KIND`."""


def kind_named(name: str) -> CompanionKind:
    """Return the kind of the companion of this name, one of `NAMES`."""
    kind: CompanionKind = import_module(f"stream.compose.companions.{name}").KIND
    return kind
