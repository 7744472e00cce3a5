"""A line for the user about what a command met and could deal with."""

from __future__ import annotations

import sys

from stream.errors import StreamError


def notice(sentence: str) -> None:
    """Say it on the standard error stream, in one line, as errors are said."""
    print(f"perpetuum: {StreamError(sentence)}", file=sys.stderr)
