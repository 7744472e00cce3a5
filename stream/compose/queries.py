"""What commands ask of a voice besides the stream: to explain, to compose again, to score.

Started as `python -m stream.compose.queries VOICE`; each line in is `{"ask": NAME, …}`, each line
out what was asked for, as `stream.compose.service` tells. A voice may come from anywhere: so no
command loads one itself.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stream.compose import explanation
from stream.compose.composer import Composer
from stream.compose.limits import CANDIDATE_SECONDS, PHRASE_SECONDS, STEP_SECONDS, bound_time
from stream.compose.melody import score
from stream.compose.polyphony import score as polyphony
from stream.compose.service import run
from stream.errors import MessageError
from stream.music.note import (
    TICKS_PER_BEAT,
    Note,
    PhraseRequest,
    document_from_json,
    request_from_json,
    to_json,
)

Question = Mapping[str, Any]


def answering(voice: Path) -> Callable[[str], str]:
    """What answers a line with this voice. Raises `VoiceError`."""
    composer = Composer(voice)

    def answered(line: str) -> str:
        question = document_from_json(line)
        if question.get("ask") not in ANSWERS:
            raise MessageError(f"{line[:80]!r}: no question")
        return ANSWERS[question["ask"]](composer, question)

    return answered


def _compose(composer: Composer, question: Question) -> str:
    return to_json(composer.compose(_request(question)))


def _recreate(composer: Composer, question: Question) -> str:
    return to_json(composer.recreate(_request(question), question["chosen"]))


def _explain(composer: Composer, question: Question) -> str:
    return json.dumps(explanation.facts(composer, _request(question)))


def _score(composer: Composer, question: Question) -> str:
    notes = [Note(*each) for each in question["notes"]]
    styles = len(composer.spec.styles)
    beats = max((note.end for note in notes), default=0) / TICKS_PER_BEAT
    # A voice of several parts goes through the frames, a quarter of a beat, once for each style.
    bound_time(PHRASE_SECONDS + STEP_SECONDS * styles * (len(notes) + 4 * beats))
    judge = score.score if composer.spec.kind == "melody" else polyphony.score
    return json.dumps(judge(composer.step, notes))


def _request(question: Question) -> PhraseRequest:
    request = request_from_json(question["request"])
    bound_time(PHRASE_SECONDS + CANDIDATE_SECONDS * request.controls.candidates)
    return request


ANSWERS: Mapping[str, Callable[[Composer, Question], str]] = {
    "compose": _compose,
    "recreate": _recreate,
    "explain": _explain,
    "score": _score,
}

if __name__ == "__main__":
    sys.exit(run(answering))
