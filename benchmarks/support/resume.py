"""What was found is kept, so that a study which was broken off goes on where it was."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Facts = dict[str, Any]
"""What JSON can hold."""


def kept(path: Path, asked: Facts, make: Callable[[], Facts]) -> Facts:
    """What `make` found when this was `asked`: now, or before, if `path` holds that."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        document = json.loads(path.read_bytes())
        if document["asked"] == json.loads(json.dumps(asked)):
            return dict(document["found"])
    found = make()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps({"asked": asked, "found": found}), encoding="utf-8")
    partial.replace(path)
    return found
