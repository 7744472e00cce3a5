"""A composer that needs no model: it speaks the composer's protocol, with faults on demand.

Called as fake_composer.py [FAULT [MARKER]]. FAULT is `unready`, `die` (before it is ready),
`nonsense`, `refuse`, `mute` (no answer from phrase 2 on), `dies` or `errs` (always at phrase 2),
`hog` (dies by its limit of processor time), or `dies-once`, `hangs-once`, `errs-once`,
`babbles-once` (at phrase 3, unless the file MARKER exists, which it then creates).
"""

import os
import pathlib
import signal
import sys

from stream.music.note import Note, Phrase, PhraseRequest, request_from_json, to_json
from stream.music.verdict import Rule, Verdict


def compose(request: PhraseRequest) -> Phrase:
    """Return a scale of eighth notes up to a bar line; its last note is long.

    Seed and index choose the first note; a tune is eight phrases.
    """
    length = request.bars * 192 - request.begun % 192
    first = 48 + (request.seed + 5 * request.index) % 12
    notes = [Note(24 * i, 18, first + i % 24, 80) for i in range(length // 24 - 4)]
    notes.append(Note(max(length - 96, 0), min(length, 96), first + 7, 90))
    return Phrase(
        notes=tuple(notes),
        length=length,
        bpm=request.controls.bpm or 120.0,
        index=request.index,
        tune=request.tune,
        style="folk",
        voice="fake",
        seed=request.seed,
        verdict=Verdict((Rule("entropy", 2.0, 1.0, 3.0),), candidates=16, accepted=12),
        parent=request.parent,
        closing=len(request.phrase_lengths) == 7,
    )


def main() -> None:
    fault, *marker = sys.argv[1:] or [""]
    if fault == "unready":
        say('{"error": "voice.onnx: no voice; name one that \'perpetuum voices\' lists"}')
        sys.exit(2)
    if fault == "die":
        sys.exit(3)
    say('{"ready": true}')
    for line in sys.stdin:
        request = request_from_json(line)
        if fault == "nonsense":
            say("[]")
        elif fault == "refuse":
            say('{"error": "--style polka: unknown"}')
        elif fault == "mute" and request.index > 1:
            continue
        elif fault == "hog":
            os.kill(os.getpid(), signal.SIGXCPU)
        elif due(fault, request.index, *marker):
            misbehave(fault)
        else:
            say(to_json(compose(request)))


def due(fault: str, index: int, marker: str = "") -> bool:
    """Return True if the fault is due: always at phrase 2, or once at phrase 3."""
    if fault.endswith("-once"):
        return index == 3 and fresh(pathlib.Path(marker))
    return index == 2 and fault in {"dies", "errs"}


def fresh(marker: pathlib.Path) -> bool:
    """Create the marker; return True if it did not exist."""
    made = not marker.exists()
    marker.touch()
    return made


def misbehave(fault: str) -> None:
    """Make the fault; the next composer finds the marker."""
    if fault == "dies-once":
        sys.exit(9)
    if fault == "dies":
        os.kill(os.getpid(), signal.SIGSEGV)
    if fault == "hangs-once":
        signal.pause()
    say('{"error": "out of memory"}' if fault in {"errs", "errs-once"} else "la la la")


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
