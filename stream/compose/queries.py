"""Queries to a voice outside the stream: explain a choice, compose a phrase again, score music.

Started as `python -m stream.compose.queries VOICE`. Each line in is `{"ask": NAME, …}`, each line
out its result; `stream.compose.service` describes errors. A voice may come from an untrusted
source, so no command loads one in its own process.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from stream.compose import explanation
from stream.compose.companions import scoring
from stream.compose.companions.companion import Companion
from stream.compose.companions.kind import FRAME
from stream.compose.companions.kinds import NAMES, kind_named
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
from stream.voices.kind import kind_of

Query = Mapping[str, Any]


def responder(voice: Path) -> Callable[[str], str]:
    """Return the function that answers a query with this voice. Raises `VoiceError`."""
    kind = kind_of(voice)
    if kind in NAMES:
        return _companion_responder(Companion(voice, kind_named(kind), kind))
    composer = Composer(voice)

    def respond(line: str) -> str:
        query = document_from_json(line)
        if query.get("ask") not in HANDLERS:
            raise MessageError(f"{line[:80]!r}: unknown query")
        return HANDLERS[query["ask"]](composer, query)

    return respond


def _companion_responder(companion: Companion) -> Callable[[str], str]:
    """Return the function that scores music with a companion, the one thing it does alone."""

    def respond(line: str) -> str:
        query = document_from_json(line)
        if query.get("ask") != "score_parts":
            raise MessageError("a companion composes for the phrases of a voice; give a voice")
        parts = {role: tuple(Note(*n) for n in notes) for role, notes in query["parts"].items()}
        frames = max((n.end for notes in parts.values() for n in notes), default=0) / FRAME
        styles = max(len(companion.step.spec.tags), 1)
        bound_time(PHRASE_SECONDS + 2 * STEP_SECONDS * styles * frames)
        return json.dumps(scoring.score(companion, parts, query["bar"]))

    return respond


def _compose(composer: Composer, query: Query) -> str:
    return to_json(composer.compose(_request(query)))


def _recreate(composer: Composer, query: Query) -> str:
    return to_json(composer.recreate(_request(query), query["chosen"]))


def _explain(composer: Composer, query: Query) -> str:
    return json.dumps(explanation.facts(composer, _request(query)))


def _score(composer: Composer, query: Query) -> str:
    notes = [Note(*each) for each in query["notes"]]
    styles = len(composer.spec.styles)
    beats = max((note.end for note in notes), default=0) / TICKS_PER_BEAT
    # A voice of several parts plays frames of a quarter of a beat, once for each style.
    bound_time(PHRASE_SECONDS + STEP_SECONDS * styles * (len(notes) + 4 * beats))
    score_of = score.score if composer.spec.kind == "melody" else polyphony.score
    return json.dumps(score_of(composer.step, notes))


def _request(query: Query) -> PhraseRequest:
    request = request_from_json(query["request"])
    bound_time(PHRASE_SECONDS + CANDIDATE_SECONDS * request.controls.candidates)
    return request


HANDLERS: Mapping[str, Callable[[Composer, Query], str]] = {
    "compose": _compose,
    "recreate": _recreate,
    "explain": _explain,
    "score": _score,
}

if __name__ == "__main__":
    sys.exit(run(responder))
