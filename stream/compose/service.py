"""A process with bounded memory and time that reads requests and writes answers as lines of JSON.

The first line that it writes is `{"ready": true}`. `{"error": …, "kind": …}` reports an error in
place of that line or of an answer; `kind` is the name of a class of `stream.errors`.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TextIO

from stream.compose.limits import LOAD_SECONDS, bound_memory, bound_time, silence_crashes
from stream.errors import StreamError, VoiceError

LONGEST_LINE = 2**23
"""Characters of a request; the notes of the largest MIDI file that is accepted fit into it."""

RequestHandler = Callable[[str], str]
"""Returns the line that answers a request line."""


def run(load: Callable[[Path], RequestHandler]) -> int:
    """Answer standard input with the voice that the command line names; return the exit code."""
    bound_memory()
    bound_time(LOAD_SECONDS)
    silence_crashes()
    # Bytes that are not UTF-8 become characters that are not a valid request.
    text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    try:
        return serve(partial(load, Path(sys.argv[1])), text, sys.stdout)
    except BrokenPipeError:
        # The client has ended; what is left in the buffer must not be written at the exit.
        with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 (no path)
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return 0


def serve(load: Callable[[], RequestHandler], requests: TextIO, answers: TextIO) -> int:
    """Answer requests until their end; return the exit code."""
    try:
        handle = load()
    except (StreamError, MemoryError) as error:
        _write(answers, failure(error))
        return 2
    _write(answers, json.dumps({"ready": True}))
    for line in iter(partial(requests.readline, LONGEST_LINE), ""):
        try:
            answer = handle(line)
        except (StreamError, MemoryError) as error:
            answer = failure(error)
        _write(answers, answer)
    return 0


def failure(error: StreamError | MemoryError) -> str:
    """Return the line that reports an error."""
    if isinstance(error, MemoryError):
        error = VoiceError("the voice needs more memory than a voice may use; choose another one")
    return json.dumps({"error": str(error), "kind": type(error).__name__})


def _write(answers: TextIO, line: str) -> None:
    answers.write(line + "\n")
    answers.flush()
