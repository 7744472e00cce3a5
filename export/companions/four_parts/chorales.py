"""Bach's chorales, `jsb_chorales_16th`, as songs in four parts.

The archive tells neither bars nor repeated notes. Bars are four quarters, counted back from the
end: a chorale whose last chord then begins on a weak beat ends three quarters after a bar line, the
pickup having the fourth. Where the soprano moves on a beat, a part that keeps its pitch strikes it
again: all four parts sing each syllable.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np

from export.companions.four_parts.song import PARTS, Song
from export.corpus.satb import BELOW, SILENT, Frames, read_satb
from stream.compose.companions.kind import FRAME
from stream.compose.companions.score import Notes
from stream.music.note import TICKS_PER_BEAT, Note

FILE = "jsb_chorales_16th/jsb_chorales_16th_satb.npz"
BAR = 16
BEAT = 4
HALF = 8
STYLE = "bach"


def read(corpora: Path, split: str) -> list[Song]:
    """Return the chorales in quarters of a split. Raises `CorpusError`."""
    chorales = read_satb(corpora / FILE)[split]
    songs = (_song(frames, i) for i, frames in enumerate(chorales))
    return [song for song in songs if song is not None]


def _song(frames: Frames, i: int) -> Song | None:
    if len(frames) % BAR not in (0, BEAT):
        return None
    changes = np.flatnonzero((frames[1:] != frames[:-1]).any(1)) + 1
    last = len(frames) - (int(changes[-1]) if len(changes) else 0)
    missing = BEAT if last % HALF == HALF - BEAT else 0
    frames = np.concatenate([frames, np.repeat(frames[-1:], missing, 0)])
    pickup = len(frames) % BAR
    moves = np.flatnonzero(np.diff(frames[:, 0], prepend=-1))
    syllables = set(moves[(moves - pickup) % BEAT == 0].tolist())
    parts = {role: _notes(frames[:, p], syllables) for p, role in enumerate(PARTS)}
    length = FRAME * len(frames)
    return Song(parts, length, FRAME * BAR, TICKS_PER_BEAT, STYLE, i, f"chorale {i}")


def _notes(line: Frames, syllables: set[int]) -> Notes:
    """Return the notes of a part [T], struck at changes and syllables."""
    starts = sorted({0, *(np.flatnonzero(np.diff(line)) + 1).tolist(), *syllables})
    return tuple(
        Note(FRAME * a, FRAME * (b - a), int(line[a]) + BELOW)
        for a, b in pairwise([*starts, len(line)])
        if line[a] != SILENT
    )
