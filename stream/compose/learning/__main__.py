"""The process that learns a style: `python -m stream.compose.learning VOICE`.

One line of JSON in names the files; lines of JSON out tell how far the work is, and the last one
holds the style. It runs beside the music at a low priority, with bounded memory.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from stream.compose.learning.learner import Learner
from stream.compose.learning.sources import read
from stream.compose.limits import bound_memory, silence_crashes
from stream.compose.service import failure
from stream.compose.step import Step
from stream.errors import StreamError, VoiceError
from stream.own_styles.own_style import to_bytes

NICE = 10
"""Steps by which the music, which has none, comes first: it gets ten times as much of a core."""


def main() -> int:
    """Learn, and write lines until the end; return the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.nice(NICE)
    bound_memory()
    silence_crashes()
    voice = Path(sys.argv[1])
    request = json.loads(sys.stdin.readline())
    try:
        _learn(voice, request)
    except (StreamError, MemoryError) as error:
        _write(failure(error))
        return 2
    return 0


def _learn(voice: Path, request: dict[str, str | list[str]]) -> None:
    step = Step(voice)
    if step.spec.kind != "melody" or not step.spec.context:
        raise VoiceError(
            f"voice {step.spec.name}: cannot learn styles, which only a voice of melodies with"
            " outlines can; give --voice commons"
        )
    paths = ([Path(each) for each in request[name]] for name in ("files", "kept"))
    found = read(next(paths), step.spec, next(paths))
    _tell({"tunes": len({m.group for m in found.melodies}), "left_out": found.left_out})
    learner = Learner(step, voice, found.melodies, Path(str(request["unfinished"])))
    for progress in learner.steps(str(request["name"])):
        _tell({"share": round(progress.share, 4), "text": progress.text})
    if learner.learned:
        _tell({"style": to_bytes(learner.learned).decode()})


def _tell(document: object) -> None:
    _write(json.dumps(document))


def _write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
