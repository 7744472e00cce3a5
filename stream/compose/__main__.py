"""The composer process: one line of JSON in, one line of JSON out.

Started by the player as `python -m stream.compose VOICE`. The first line out is `{"ready": true}`
or `{"error": …}`; then each `PhraseRequest` is answered by a `Phrase`, or by `{"error": …}`; where
the voice makes sound, each `PassageRequest` by a `Passage`. It
ends when its input ends, so it never outlives the player. What it has heard it keeps in the file
that the environment names as `PERPETUUM_HEARD`, where the next composer finds it.
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

import numpy as np
from numpy.typing import NDArray

from stream.compose.composer import Composer
from stream.compose.limits import bound_memory
from stream.compose.novelty import STORE_BYTES
from stream.description import AUDIO
from stream.errors import StreamError
from stream.kind import kind_of
from stream.note import request_from_json, to_json

LONGEST_LINE = 2**22
"""Characters of a request; a tune of an hour fits into it."""


def serve(voice: Path, requests: TextIO, answers: TextIO) -> int:
    """Answer requests until there are no more; exit code."""
    try:
        answered = _passages(voice) if kind_of(voice) == AUDIO else _phrases(voice)
    except StreamError as error:
        _answer(answers, json.dumps({"error": str(error)}))
        return 2
    _answer(answers, json.dumps({"ready": True}))
    for line in iter(partial(requests.readline, LONGEST_LINE), ""):
        try:
            answer = answered(line)
        except StreamError as error:
            answer = json.dumps({"error": str(error)})
        _answer(answers, answer)
    return 0


def _phrases(voice: Path) -> Callable[[str], str]:
    composer = Composer(voice, _heard())
    return lambda line: to_json(composer.compose(request_from_json(line)))


def _passages(voice: Path) -> Callable[[str], str]:
    from stream import passage
    from stream.compose.audio.sound import Sound

    sound = Sound(voice)
    return lambda line: passage.to_json(sound.compose(passage.request_from_json(line)))


def _heard() -> NDArray[np.uint8] | None:
    """The player's memory of what was played, if it keeps one and this process may write there."""
    path = os.environ.get("PERPETUUM_HEARD")
    try:
        return np.memmap(path, np.uint8, "r+", shape=(STORE_BYTES,)) if path else None
    except OSError:
        return None


def _answer(answers: TextIO, line: str) -> None:
    answers.write(line + "\n")
    answers.flush()


if __name__ == "__main__":
    bound_memory()
    # What is no text is no request either.
    text = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")
    sys.exit(serve(Path(sys.argv[1]), text, sys.stdout))
