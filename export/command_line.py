"""The common end of the command lines: from the work to its exit code."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
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


def command(program: str, arguments: Sequence[str]) -> str:
    """Return a command line as others run it: absolute paths are shown below `corpora`."""
    flags = ("", *arguments)
    shown = [_documented(*pair) for pair in zip(flags, arguments, strict=False)]
    return f"python -m {program} {shlex.join(shown)}".strip()


def _documented(flag: str, argument: str) -> str:
    """Return an argument that follows `flag` as others give it."""
    head, equals, word = argument.rpartition("=")
    path = Path(word)
    if not path.is_absolute():
        return argument
    if "--corpora" in {flag, head}:
        return f"{head}{equals}corpora"
    end = path.parts[-2:] if path.suffix else path.parts[-1:]
    return f"{head}{equals}{'/'.join(('corpora', *end))}"


def print_lines(lines: Iterable[dict[str, Any]]) -> None:
    """Print each object as a line of JSON as soon as it is there."""
    for line in lines:
        print(json.dumps(line), flush=True)
