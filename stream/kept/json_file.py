"""A small JSON object in a file, replaced in one step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from stream.util import atomic_write, regular_file
from stream.util.validate import parsed

MOST_BYTES = 1_000_000


def read(path: Path) -> dict[str, Any]:
    """Return the object in a file; an empty one if the file is missing or damaged."""
    try:
        return dict(parsed(regular_file.read(path, MOST_BYTES)))
    except (OSError, ValueError):
        return {}


def write(path: Path, document: dict[str, Any]) -> None:
    """Write the object, in place of the one before. Raises `OSError`."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    atomic_write.replace_durably(path, text.encode())
