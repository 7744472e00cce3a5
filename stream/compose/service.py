"""Lines of JSON in, lines of JSON out, by a process whose memory and time are bounded.

The first line out is `{"ready": true}`; `{"error": …, "kind": …}`, the name of an error of
`stream.errors`, takes its place, or that of an answer, where something is wrong.
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

from stream.compose.limits import LOAD_SECONDS, bound_memory, bound_time, die_quietly
from stream.errors import StreamError, VoiceError

LONGEST_LINE = 2**23
"""Characters of a request; the notes of the largest MIDI file that is read fit into it."""

Answered = Callable[[str], str]


def run(loaded: Callable[[Path], Answered]) -> int:
    """Serve standard input with the voice that the command line names; exit code."""
    bound_memory()
    bound_time(LOAD_SECONDS)
    die_quietly()
    # What is no text is no request either.
    text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    try:
        return serve(partial(loaded, Path(sys.argv[1])), text, sys.stdout)
    except BrokenPipeError:
        # Whoever asked has gone; what is left of the answer must not be tried again at the end.
        with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 (no path)
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        return 0


def serve(loaded: Callable[[], Answered], requests: TextIO, answers: TextIO) -> int:
    """Answer requests until there are no more; exit code."""
    try:
        answered = loaded()
    except (StreamError, MemoryError) as error:
        _say(answers, failure(error))
        return 2
    _say(answers, json.dumps({"ready": True}))
    for line in iter(partial(requests.readline, LONGEST_LINE), ""):
        try:
            answer = answered(line)
        except (StreamError, MemoryError) as error:
            answer = failure(error)
        _say(answers, answer)
    return 0


def failure(error: StreamError | MemoryError) -> str:
    """The line that tells of an error."""
    if isinstance(error, MemoryError):
        error = VoiceError("the voice asks for more memory than a voice may take; give another")
    return json.dumps({"error": str(error), "kind": type(error).__name__})


def _say(answers: TextIO, line: str) -> None:
    answers.write(line + "\n")
    answers.flush()
