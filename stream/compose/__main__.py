"""The composer process: one line of JSON in, one line of JSON out.

The player starts it as `python -m stream.compose VOICE`. The first line out is `{"ready": true}` or
`{"error": …}`. Then it answers each `PhraseRequest` with a `Phrase` and, if the voice makes sound,
each `AudioChunkRequest` with an `AudioChunk`, or either with `{"error": …}`. It ends when its input
ends, so it never outlives the player. It stores the runs of notes that it has played in the file
that the environment variable `PERPETUUM_HISTORY` names, for the next composer.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from stream.compose.composer import Composer
from stream.compose.filter.novelty import STORE_BYTES
from stream.compose.limits import CANDIDATE_SECONDS, PHRASE_SECONDS, bound_time
from stream.compose.service import RequestHandler, run
from stream.music.note import request_from_json, to_json
from stream.voices.kind import kind_of
from stream.voices.schema import AUDIO

if TYPE_CHECKING:
    from stream.compose.companions.following.accompanist import Accompanist


def load(voice: Path) -> RequestHandler:
    """Return the function that answers requests with this voice. Raises `VoiceError`."""
    return _chunks(voice) if kind_of(voice) == AUDIO else _phrases(voice)


def _phrases(voice: Path) -> Callable[[str], str]:
    composer = Composer(voice, _run_table())
    accompanists: list[Accompanist] = []

    def respond(line: str) -> str:
        request = request_from_json(line)
        bound_time(PHRASE_SECONDS + CANDIDATE_SECONDS * request.controls.candidates)
        if not request.behind:
            return to_json(composer.compose(request))
        if not accompanists:
            # The first phrase of other streams does not wait for this import.
            from stream.compose.companions.following.accompanist import Accompanist

            accompanists.append(Accompanist(composer.spec, composer.band))
        return to_json(accompanists[0].compose(request))

    return respond


def _chunks(voice: Path) -> Callable[[str], str]:
    from stream.compose.audio.composer import AudioComposer
    from stream.music import audio_chunk

    composer = AudioComposer(voice)

    def respond(line: str) -> str:
        request = audio_chunk.request_from_json(line)
        bound_time(PHRASE_SECONDS)
        return audio_chunk.to_json(composer.compose(request))

    return respond


def _run_table() -> NDArray[np.uint8] | None:
    """Return the player's table of runs, if it has one and this process may write to it."""
    path = os.environ.get("PERPETUUM_HISTORY")
    try:
        return np.memmap(path, np.uint8, "r+", shape=(STORE_BYTES,)) if path else None
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(run(load))
