"""The corpora of a melody model, in the form that its history asks for."""

from __future__ import annotations

from collections.abc import Sequence

from export.corpus import read
from export.corpus.read import PAPER, SCORES, Report
from export.models.melody_config import MelodyConfig
from stream.compose.melody import outline_context
from stream.compose.tunes.dances import KINDS
from stream.compose.tunes.outlines import written
from stream.compose.tunes.tune import Melody


def load(specs: Sequence[str], history: str) -> tuple[list[Melody], list[Report]]:
    """Return the melodies of all corpora as they are played, and a report of each.

    A model that remembers bars reads tunes in C. Raises `CorpusError`.
    """
    return read.load(specs, SCORES if history == "bars" else PAPER)


def as_learned(melodies: Sequence[Melody], config: MelodyConfig) -> list[Melody]:
    """Return the melodies as the model reads them: strain by strain, if it knows outlines."""
    return [written(melody) for melody in melodies] if config.context else list(melodies)


def config(styles: tuple[str, ...], history: str) -> MelodyConfig:
    """Return the configuration of a model of these styles with this history."""
    if history != "bars":
        return MelodyConfig(styles)
    return MelodyConfig(styles, kinds=KINDS, context=outline_context.WIDTH, history=history)
