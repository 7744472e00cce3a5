"""Reader of the Open Hymnal in four parts, `open_hymnal_satb`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from export.companions.four_parts.archive import archive
from export.companions.four_parts.song import PARTS, Song
from stream.compose.companions.score import Notes
from stream.music.note import Note

FILE = "open_hymnal_satb/open_hymnal_satb.npz"
METERS: Mapping[str, tuple[int, int]] = {
    "4/4": (192, 48), "2/2": (192, 48), "8/4": (192, 48), "2/4": (96, 48), "3/4": (144, 48),
    "6/4": (144, 48), "6/8": (144, 72), "9/8": (216, 72),
}  # fmt: skip
"""Ticks of a bar and a beat of the meters that are read; a bar of 6/4 is two of 3/4."""
PROTECTED = "Vaughan Williams"
"""Author of settings that are protected in some countries until the end of 2028; they are not read,
although their files say that they are in the public domain."""
STYLE = "hymn"


def read(corpora: Path) -> list[Song]:
    """Return the hymns of a meter that is read. Raises `CorpusError`."""
    found = archive(corpora / FILE)
    songs = [_song(found, i) for i in range(len(found["title"]))]
    return [song for song in songs if song is not None]


def _song(found: Mapping[str, Any], i: int) -> Song | None:
    meter = METERS.get(str(found["meter"][i]))
    if meter is None or PROTECTED in str(found["credit"][i]):
        return None
    a, b = found["tune_start"][i : i + 2]
    names = ("onset", "duration", "pitch", "part", "divided")
    onset, duration, pitch, part, divided = (found[name][a:b] for name in names)
    bar, beat = meter
    length, pickup = int(found["length"][i]), int(found["pickup"][i])
    missing = (pickup - length) % bar
    rows = np.stack([onset, duration, pitch], 1)
    parts = {
        role: _extended(rows[(part == p) & (divided == 0)].tolist(), length, missing)
        for p, role in enumerate(PARTS)
    }
    group = int(found["tune_group"][i])
    return Song(parts, length + missing, bar, beat, STYLE, group, str(found["title"][i]))


def _extended(rows: list[tuple[int, int, int]], length: int, missing: int) -> Notes:
    """Return notes, those that end the piece held until the bar line."""
    return tuple(
        Note(onset, duration + (missing if onset + duration == length else 0), pitch)
        for onset, duration, pitch in rows
    )
