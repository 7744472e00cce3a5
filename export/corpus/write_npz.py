"""Writer for normalized melodies, in the layout that `melody_npz` reads.

The unit of every melody is written as one quarter note, so lengths are whole ticks.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from export.corpus.dataset import split_of
from stream.compose.melody.vocabulary import decode
from stream.compose.tunes.tune import Melody
from stream.errors import CorpusError
from stream.music.note import TICKS_PER_BEAT


def write_npz(path: Path, melodies: Sequence[Melody]) -> None:
    """Write all melodies into one archive. Raises `CorpusError` if that fails."""
    tunes = [decode(melody.tokens.tolist(), TICKS_PER_BEAT)[0] for melody in melodies]
    notes = [note for tune in tunes for note in tune]
    arrays: dict[str, Any] = {
        "pitch": np.array([n.pitch for n in notes], np.uint8),
        "onset": np.array([n.onset for n in notes], np.int32),
        "duration": np.array([n.duration for n in notes], np.int32),
        "tune_start": np.cumsum([0, *map(len, tunes)], dtype=np.int32),
        "ticks_per_quarter": np.array(TICKS_PER_BEAT, np.int32),
        "title": np.array([m.title for m in melodies]),
        "style": np.array([m.style for m in melodies]),
        "meter": np.array([f"{m.bar}/4" if m.bar else "" for m in melodies]),
        "key": np.array([m.mode for m in melodies]),
        "variant_group": np.array([m.group for m in melodies], np.int64),
        "split": np.array([split_of(m) for m in melodies]),
    }
    try:
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)
    except OSError as error:
        raise CorpusError(f"{path}: cannot be written ({error.strerror or error})") from error
