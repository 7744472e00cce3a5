"""Reader for MIDI files: every channel of every track, except drums, becomes one tune."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from stream.compose.tunes.tune import Tune
from stream.music.midi_melodies import Notify, ignore, read_melodies


def read_midi(path: Path, style: str, tell: Notify = ignore) -> Iterator[Tune]:
    """Yield the melody of each channel of each track that has notes; all of them share a group.

    `tell` gets a sentence if something in the file is skipped. Raises `CorpusError` for an
    unreadable file.
    """
    group = zlib.crc32(path.name.encode(errors="surrogateescape"))
    melodies = read_melodies(path, tell)
    channels = Counter(melody.track for melody in melodies)
    for melody in melodies:
        numbered = path.stem if len(melodies) == 1 else f"{path.stem}, track {melody.track}"
        if channels[melody.track] > 1:
            numbered += f", channel {melody.channel + 1}"
        title = melody.name or numbered
        yield Tune(
            melody.notes, title, style, group, melody.bar, melody.downbeat, melody.mode
        )  # fmt: skip
