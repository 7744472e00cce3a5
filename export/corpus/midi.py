"""Reader for MIDI files: every track that is no drum part becomes one tune."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from export.corpus.tune import Tune
from stream.melodies import read_melodies


def read_midi(path: Path, style: str) -> Iterator[Tune]:
    """The melody of each track that has notes; all of them share a group.

    Raises `CorpusError` where the file can not be read.
    """
    group = zlib.crc32(path.name.encode(errors="surrogateescape"))
    melodies = read_melodies(path)
    for melody in melodies:
        numbered = path.stem if len(melodies) == 1 else f"{path.stem}, track {melody.track}"
        title = melody.name or numbered
        yield Tune(
            melody.notes, title, style, group, melody.bar, melody.downbeat, melody.mode
        )  # fmt: skip
