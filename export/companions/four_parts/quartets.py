"""Stretches of string quartets, `openscore_quartets`: the first violin is the soprano.

A stretch has one meter, all four instruments play most of it, the first violin mostly on top, and
its notes lie on the grid of sixteenths. Of a double stop the highest note counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from export.companions.four_parts.archive import archive
from export.companions.four_parts.song import PARTS, Song
from stream.compose.companions.four_parts.line import line
from stream.compose.companions.kind import FRAME
from stream.music.note import Note

FILE = "openscore_quartets/openscore_quartets.npz"
METERS: Mapping[tuple[int, int], tuple[int, int]] = {
    (4, 4): (192, 48), (2, 2): (192, 48), (3, 4): (144, 48), (2, 4): (96, 48), (6, 8): (144, 72),
}  # fmt: skip
BARS = 16
"""Bars of a stretch."""
SOUNDING = 0.75
"""Least share of the frames in which each part sounds."""
ON_TOP = 0.9
"""Least share of the frames in which the first violin is the highest."""
ON_GRID = 0.97
"""Least share of the onsets on the grid."""
MOST = 12
"""Most stretches of one quartet."""
HIGHEST = 81
"""Highest mean pitch of the first violin."""
STYLE = "quartet"


def read(corpora: Path) -> list[Song]:
    """Return the stretches of all quartets. Raises `CorpusError`."""
    found = archive(corpora / FILE)
    rng = np.random.default_rng(0)
    songs = []
    for i in range(len(found["title"])):
        stretches = list(_stretches(found, i))
        chosen = rng.permutation(len(stretches))[:MOST]
        songs += [stretches[k] for k in sorted(chosen.tolist())]
    return songs


def _stretches(found: Mapping[str, Any], i: int) -> Iterator[Song]:
    a, b = found["tune_start"][i : i + 2]
    notes = np.stack([found[name][a:b] for name in ("onset", "duration", "pitch", "part")], 1)
    bars = found["bar_onset"][slice(*found["bar_start"][i : i + 2])]
    at = slice(*found["meter_start"][i : i + 2])
    changes, above, below = (
        found[f"meter_{name}"][at] for name in ("onset", "numerator", "denominator")
    )
    k = 0
    while k + BARS < len(bars):
        begin, end = int(bars[k]), int(bars[k + BARS])
        now = int(np.searchsorted(changes, begin, "right")) - 1
        meter = METERS.get((int(above[now]), int(below[now]))) if now >= 0 else None
        if meter is None or not (np.diff(bars[k : k + BARS + 1]) == meter[0]).all():
            k += 1
            continue
        k += BARS
        inside = notes[(notes[:, 0] >= begin) & (notes[:, 0] < end)]
        song = _song(inside, begin, end, meter)
        if song is not None and _suits(song):
            group, title = int(found["variant_group"][i]), str(found["title"][i])
            yield Song(song.parts, song.length, *meter, STYLE, group, title, ends=False)


def _song(notes: Any, begin: int, end: int, meter: tuple[int, int]) -> Song | None:
    if not len(notes) or ((notes[:, 0] - begin) % FRAME == 0).mean() < ON_GRID:
        return None
    parts = {
        role: tuple(
            Note(onset - begin, min(duration, end - onset), pitch)
            for onset, duration, pitch, _ in notes[notes[:, 3] == p].tolist()
        )
        for p, role in enumerate(PARTS)
    }
    return Song(parts, end - begin, *meter, STYLE, 0)


def _suits(song: Song) -> bool:
    rows = [line(song.parts[role], 0, song.length // FRAME).pitch for role in PARTS]
    pitch = np.stack(rows, 1)
    if ((pitch > 0).mean(0) < SOUNDING).any():
        return False
    top = pitch[pitch[:, 0] > 0]
    return bool((top[:, 0] >= top.max(1)).mean() >= ON_TOP and top[:, 0].mean() <= HIGHEST)
