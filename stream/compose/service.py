"""A service of lines of JSON, in and out, with bounded memory and processor time.

The first line out is `{"ready": true}`. If loading or a request fails, the line is instead
`{"error": …, "kind": …}`, where the kind is the name of an error in `stream.errors`.
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
"""Characters in a request; the notes of the largest MIDI file that is read fit into it."""

Responder = Callable[[str], str]


def run(load: Callable[[Path], Responder]) -> int:
    """Serve standard input with the voice that the command line names; return the exit code."""
    bound_memory()
    bound_time(LOAD_SECONDS)
    silence_crashes()
    # Invalid UTF-8 becomes an invalid request, not an exception.
    text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    try:
        return serve(partial(load, Path(sys.argv[1])), text, sys.stdout)
    except BrokenPipeError:
        # The reader has gone; the rest of the answer must not be flushed again at exit.
        with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 (no path)
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return 0


def serve(load: Callable[[], Responder], requests: TextIO, answers: TextIO) -> int:
    """Answer requests until the input ends; return the exit code."""
    try:
        respond = load()
    except (StreamError, MemoryError) as error:
        _write(answers, failure(error))
        return 2
    _write(answers, json.dumps({"ready": True}))
    for line in iter(partial(requests.readline, LONGEST_LINE), ""):
        try:
            answer = respond(line)
        except (StreamError, MemoryError) as error:
            answer = failure(error)
        _write(answers, answer)
    return 0


def failure(error: StreamError | MemoryError) -> str:
    """Return the line that reports an error."""
    if isinstance(error, MemoryError):
        error = VoiceError("the voice needs more memory than voices may use; give another voice")
    return json.dumps({"error": str(error), "kind": type(error).__name__})


def _write(answers: TextIO, line: str) -> None:
    answers.write(line + "\n")
    answers.flush()
