"""Reader for lead sheets as arrangements: the archive `openewld_leadsheets`."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from export.corpus.arrangement import Arrangement, Notes, arrays_of, beat_of
from stream.compose.polyphony.voicing import nearest, voiced
from stream.music.note import Note
from stream.music.part import HARMONY, LEAD

NEEDED: Final = ("onset", "chord_onset", "chord_root", "chord_pitch_classes", "meter")
NO_ROOT: Final = 255

Arrays = dict[str, np.ndarray[Any, Any]]


def read_lead_sheets(path: Path) -> list[Arrangement]:
    """Return melody and chords of each lead sheet, from its first bar line on.

    Raises `CorpusError` if the file is not such an archive.
    """
    arrays = arrays_of(path, *NEEDED)
    return [_sheet(arrays, i) for i in range(len(arrays["meter"]))]


def _sheet(arrays: Arrays, i: int) -> Arrangement:
    bar, beat = beat_of(*map(int, (str(arrays["meter"][i]) or "4/4").split("/")))
    skip = (bar - int(arrays["first_bar_missing"][i])) % bar
    a, b = arrays["tune_start"][i : i + 2]
    names = ("onset", "duration", "pitch")
    rows = zip(*(arrays[n][a:b].tolist() for n in names), strict=True)
    lead = [Note(onset - skip, length, pitch) for onset, length, pitch in rows if onset >= skip]
    length = max((note.end for note in lead), default=0) // bar * bar
    lead = [note.until(min(note.end, length)) for note in lead if note.onset < length]
    parts = {LEAD: tuple(lead), HARMONY: _chords(arrays, i, skip, length)}
    return Arrangement(
        str(arrays["title"][i]), int(arrays["variant_group"][i]), parts, length, bar, beat
    )


def _chords(arrays: Arrays, i: int, skip: int, length: int) -> Notes:
    found: list[Note] = []
    before: tuple[int, ...] = ()
    a, b = arrays["chord_start"][i : i + 2]
    names = ("onset", "duration", "root", "pitch_classes")
    for onset, duration, root, mask in zip(
        *(arrays[f"chord_{n}"][a:b].tolist() for n in names), strict=True
    ):
        begin, end = max(onset - skip, 0), min(onset + duration - skip, length)
        if root != NO_ROOT and begin < end:
            chord = nearest(frozenset(c for c in range(12) if mask >> c & 1), root)
            before = voiced(chord, before)
            found += [Note(begin, end - begin, pitch, 70, 4) for pitch in before]
    return tuple(found)
