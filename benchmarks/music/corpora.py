"""Real tunes in the form that a voice was trained on."""

from __future__ import annotations

from collections.abc import Sequence

from export.melody import corpora
from stream.compose.tunes.outlines import written
from stream.compose.tunes.tune import Melody
from stream.voices.spec import VoiceSpec


def as_played(specs: Sequence[str], spec: VoiceSpec) -> list[Melody]:
    """Return the tunes of corpora `STYLE=PATH` as they are played; raises `CorpusError`.

    Those of a voice that remembers bars are in C, and performances in whole choruses.
    """
    return corpora.load(specs, str(spec.model.get("history", "")))[0]


def as_learned(melodies: Sequence[Melody], spec: VoiceSpec) -> list[Melody]:
    """Return the tunes as the voice reads them: strain by strain, if it knows outlines."""
    return [written(melody) for melody in melodies] if spec.context else list(melodies)


def tags_of(spec: VoiceSpec, sort: str) -> list[str]:
    """Return the names of the voice's tags of a sort, such as `style`, in their order."""
    return [tag.removeprefix(f"{sort}:") for tag in spec.tags if tag.startswith(f"{sort}:")]
