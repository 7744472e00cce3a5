"""What is said on standard output and standard error, and what is asked there.

All that a command prints goes through here. Names of files, ports and voices come from elsewhere:
nothing in them reaches a terminal that it would obey, and none fails for want of a character.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO

from stream.errors import OutputError
from stream.util.printable import visible


def prepare() -> None:
    """Open what the program was started without: standard input, output or error.

    Else the next file that is opened, an output say, takes the place of one of them and is written
    to by whoever reports an error. What was closed can not be written to and holds no input.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            # The lowest that is free, which is this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDONLY), True)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or _unwritable(1)
    sys.stderr = sys.stderr or _unwritable(2)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def say(*lines: str) -> None:
    """Print lines on standard output.

    Raises `OutputError` where they can not be written, `BrokenPipeError` where nobody reads them.
    """
    for line in lines:
        _print(f"{_fit(line, sys.stdout)}\n")


def ask(question: str) -> str:
    """The line that is typed as an answer. Raises `EOFError` at the end of standard input."""
    try:
        return input(_fit(question, sys.stdout)).strip()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unsaid(error) from error


def complain(message: str) -> None:
    """Print a line on standard error; where that can not be there is nobody to tell."""
    with contextlib.suppress(OSError):
        print(f"perpetuum: {_fit(message, sys.stderr)}", file=sys.stderr, flush=True)


def flush() -> None:
    """See to it that all that was said is written. Raises as `say` does."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unsaid(error) from error


def leave() -> None:
    """Let what could not be written go nowhere: Python would try again when it ends."""
    for file in (sys.stdout, sys.stderr):
        try:
            file.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, file.fileno())
            os.close(nowhere)


def _unwritable(descriptor: int) -> TextIO:
    return open(descriptor, "w", encoding="utf-8", errors="backslashreplace", closefd=False)


def _fit(text: str, file: TextIO) -> str:
    return visible(text, file.encoding or "utf-8")


def _print(text: str) -> None:
    try:
        sys.stdout.write(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _unsaid(error) from error


def _unsaid(error: OSError) -> OutputError:
    return OutputError(
        f"standard output: can not be written ({error.strerror});"
        " name another file behind >, or make room"
    )
