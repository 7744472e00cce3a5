"""The composer process: one line of JSON in, one line of JSON out.

Started by the player as `python -m stream.compose VOICE`. The first line out is `{"ready": true}`
or `{"error": …}`; then each `PhraseRequest` is answered by a `Phrase`, or by `{"error": …}`; where
the voice makes sound, each `AudioChunkRequest` by an `AudioChunk`. It
ends when its input ends, so it never outlives the player. What it has heard it keeps in the file
that the environment names as `PERPETUUM_HEARD`, where the next composer finds it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stream.compose.composer import Composer
from stream.compose.filter.novelty import STORE_BYTES
from stream.compose.limits import CANDIDATE_SECONDS, PHRASE_SECONDS, bound_time
from stream.compose.service import RequestHandler, run
from stream.music.note import request_from_json, to_json
from stream.voices.kind import kind_of
from stream.voices.schema import AUDIO


def loaded(voice: Path) -> RequestHandler:
    """What answers requests with this voice. Raises `VoiceError`."""
    return _passages(voice) if kind_of(voice) == AUDIO else _phrases(voice)


def _phrases(voice: Path) -> Callable[[str], str]:
    composer = Composer(voice, _heard())

    def answered(line: str) -> str:
        request = request_from_json(line)
        bound_time(PHRASE_SECONDS + CANDIDATE_SECONDS * request.controls.candidates)
        return to_json(composer.compose(request))

    return answered


def _passages(voice: Path) -> Callable[[str], str]:
    from stream.compose.audio.composer import AudioComposer
    from stream.music import audio_chunk

    sound = AudioComposer(voice)

    def answered(line: str) -> str:
        request = audio_chunk.request_from_json(line)
        bound_time(PHRASE_SECONDS)
        return audio_chunk.to_json(sound.compose(request))

    return answered


def _heard() -> NDArray[np.uint8] | None:
    """The player's memory of what was played, if it keeps one and this process may write there."""
    path = os.environ.get("PERPETUUM_HEARD")
    try:
        return np.memmap(path, np.uint8, "r+", shape=(STORE_BYTES,)) if path else None
    except OSError:
        return None


if __name__ == "__main__":
    sys.exit(run(loaded))
