"""The common end of the command lines: from the work to its exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from typing import Any

from stream.errors import StreamError


def run(work: Callable[[], int | None]) -> int:
    """Do the work and return its exit code; print a `StreamError` and return 2.

    Work without an exit code succeeds.
    """
    try:
        return work() or 0
    except StreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def print_lines(lines: Iterable[dict[str, Any]]) -> None:
    """Print each object as a line of JSON as soon as it is there."""
    for line in lines:
        print(json.dumps(line), flush=True)
