"""Results of single steps stored on disk, so that an interrupted study resumes."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Facts = dict[str, Any]
"""A document that JSON can hold."""


def cached(path: Path, request: Facts, compute: Callable[[], Facts]) -> Facts:
    """Return what `path` holds for this `request`; else call `compute` and store its result."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        document = json.loads(path.read_bytes())
        if document["asked"] == json.loads(json.dumps(request)):
            return dict(document["found"])
    found = compute()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps({"asked": request, "found": found}), encoding="utf-8")
    partial.replace(path)
    return found
