"""Collections that no voice was trained on, in the form in which voices read tunes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from export.corpus import read
from export.corpus.melody_npz import read_npz
from export.corpus.read import SCORES
from stream.compose.tunes.rules import normalize
from stream.compose.tunes.tune import Melody
from stream.music.note import TICKS_PER_BEAT

REGULAR = 0.9
"""Share of the bars that have the usual number of beats in a song that is used."""


def nottingham(path: Path) -> list[Melody]:
    """Return the tunes of the Nottingham database. Raises `CorpusError`."""
    return read.load([f"folk={path}"], SCORES)[0]


def pop909(path: Path) -> list[Melody]:
    """Return the melodies of POP909, with bars from its annotated downbeats.

    Raises `CorpusError`.
    """
    with np.load(path, allow_pickle=False) as archive:
        starts, downbeats = archive["beat_start"], archive["beat_downbeat_b"]
    tunes = []
    for i, tune in enumerate(read_npz(path, "song")):
        firsts = np.flatnonzero(downbeats[starts[i] : starts[i + 1]])
        gaps = np.diff(firsts)
        beats = int(np.bincount(gaps).argmax()) if len(gaps) else 0
        if beats not in {2, 3, 4} or (gaps == beats).mean() < REGULAR:
            continue
        tunes.append(
            dataclasses.replace(
                tune,
                notes=tuple(note for note in tune.notes if note.onset >= 0),
                bar=TICKS_PER_BEAT * beats,
                downbeat=TICKS_PER_BEAT * int(firsts[0] % beats),
                meter=f"{beats}/4",
            )
        )
    return normalize(tunes, SCORES.rules)[0]
