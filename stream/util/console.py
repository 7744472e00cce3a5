"""Print on standard output and standard error, and read answers from standard input.

Everything that a command prints goes through here. Names of files, ports and voices come from
outside: control characters in them do not reach the terminal, and characters that the encoding
lacks are escaped.
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
    """Open standard input, output or error if the program was started without it.

    Otherwise the next file that is opened, such as a recording, would take its number, and an error
    message would be written into it. A stream that was closed accepts no output and has no input.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            # `open` takes the lowest free number, which is this one.
            os.set_inheritable(os.open(os.devnull, os.O_RDONLY), True)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or _unwritable(1)
    sys.stderr = sys.stderr or _unwritable(2)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def say(*lines: str) -> None:
    """Print lines on standard output.

    Raises `OutputError` if they cannot be written, and `BrokenPipeError` if the reader has gone.
    """
    for line in lines:
        _print(f"{_fit(line, sys.stdout)}\n")


def redraw(line: str, end: str = "") -> None:
    """Write a line over the one before on a terminal; elsewhere nothing. Raises like `say`."""
    if sys.stdout.isatty():
        _print(f"\r{_fit(line, sys.stdout)}{end}")
        flush()


def ask(question: str) -> str:
    """Return the line typed as an answer. Raises `EOFError` at the end of standard input."""
    try:
        return input(_fit(question, sys.stdout)).strip()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _output_error(error) from error


def complain(message: str) -> None:
    """Print a line on standard error, if that is possible."""
    with contextlib.suppress(OSError):
        print(f"perpetuum: {_fit(message, sys.stderr)}", file=sys.stderr, flush=True)


def flush() -> None:
    """Write everything that was printed. Raises like `say`."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _output_error(error) from error


def discard_unwritten() -> None:
    """Discard what could not be written, which Python would write again at its end."""
    for file in (sys.stdout, sys.stderr):
        try:
            file.flush()
        except OSError:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, file.fileno())
            os.close(null)


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
        raise _output_error(error) from error


def _output_error(error: OSError) -> OutputError:
    return OutputError(
        f"standard output: cannot be written ({error.strerror});"
        " redirect it to another file, or free space on the disk"
    )
