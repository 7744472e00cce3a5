"""Reader for band pieces on lines with roles: the archive `freedoom_band`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from export.corpus.arrangement import Arrangement, Notes, arrays_of, beat_of
from export.corpus.chords.estimate import chord_notes
from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.part import BASS, COMPING, HARMONY, LEAD

LEAST_BARS: Final = 8
"""Bars of a section in one meter that is used."""
ON_GRID: Final = 0.85
"""Least share of onsets near sixteenths."""
METERS: Final = ((4, 4), (3, 4), (2, 4), (6, 8), (12, 8))
CHORDAL: Final = 1.6
"""Notes at a time from which a line without a role is chords."""
NEEDED: Final = ("onset", "pitch", "line", "line_start", "line_role", "meter_start", "tempo_bpm")

Arrays = dict[str, np.ndarray[Any, Any]]


def read_band(path: Path) -> list[Arrangement]:
    """Return the sections in one meter, with lead, bass, comping and estimated chords.

    Raises `CorpusError` if the file is not such an archive.
    """
    arrays = arrays_of(path, *NEEDED)
    pieces = range(len(arrays["piece_start"]) - 1)
    return [section for i in pieces for section in _sections(arrays, i)]


def _sections(arrays: Arrays, i: int) -> Iterator[Arrangement]:
    lines = _lines(arrays, i)
    end = max((note.end for line in lines.values() for note in line), default=0)
    a, b = arrays["meter_start"][i : i + 2]
    scale = int(arrays["ticks_per_quarter"]) // TICKS_PER_BEAT
    begins = [*(int(t) // scale for t in arrays["meter_onset"][a:b]), end]
    bpm = float(arrays["tempo_bpm"][arrays["tempo_start"][i]])
    for k, (begin, stop) in enumerate(pairwise(begins)):
        numerator, denominator = (
            int(arrays[f"meter_{name}"][a + k]) for name in ("numerator", "denominator")
        )
        bar, beat = beat_of(numerator, denominator)
        bars = (stop - begin) // bar
        if bars >= LEAST_BARS and (numerator, denominator) in METERS:
            yield from _section(arrays, (i, lines, bpm), begin, begin + bars * bar, (bar, beat))


def _section(
    arrays: Arrays, piece: tuple[int, dict[int, Notes], float], begin: int, end: int,
    meter: tuple[int, int],
) -> Iterator[Arrangement]:  # fmt: skip
    i, lines, bpm = piece
    cut = {n: cut_out(line, begin, end) for n, line in lines.items()}
    pitched = [note for line in cut.values() for note in line]
    near = [min(note.onset % 12, -note.onset % 12) <= 2 for note in pitched]
    if not near or sum(near) < ON_GRID * len(near):
        return
    parts = _roles(arrays, i, cut)
    parts[HARMONY] = chord_notes(pitched, 0, end - begin, meter)
    title, group = str(arrays["title"][i]), int(arrays["variant_group"][i])
    yield Arrangement(title, group, parts, end - begin, *meter, bpm)


def _roles(arrays: Arrays, i: int, lines: dict[int, Notes]) -> dict[str, Notes]:
    """Return the lines that are lead, bass and comping: of several, the one with most notes."""
    first = int(arrays["line_start"][i])
    found: dict[str, tuple[float, Notes]] = {}
    for number, notes in lines.items():
        role = str(arrays["line_role"][first + number])
        if role == "other" and arrays["line_polyphony"][first + number] >= CHORDAL:
            role = "chords"
        name = {"melody": LEAD, "bass": BASS, "chords": COMPING}.get(role)
        if name and len(notes) > found.get(name, (0, ()))[0]:
            found[name] = len(notes), notes
    return {name: notes for name, (_, notes) in found.items()}


def _lines(arrays: Arrays, i: int) -> dict[int, Notes]:
    """Return the pitched lines of a piece by number."""
    a, b = arrays["piece_start"][i : i + 2]
    scale = int(arrays["ticks_per_quarter"]) // TICKS_PER_BEAT
    found: dict[int, list[Note]] = {}
    names = ("line", "is_drum", "onset", "duration", "pitch")
    for line, drum, onset, duration, pitch in zip(
        *(arrays[n][a:b].tolist() for n in names), strict=True
    ):
        if not drum:
            note = Note(round(onset / scale), max(round(duration / scale), 1), pitch)
            found.setdefault(line, []).append(note)
    return {line: tuple(notes) for line, notes in found.items()}


def cut_out(notes: Notes, begin: int, end: int) -> Notes:
    """Return the notes that begin from `begin` to `end`, counted from `begin` and cut at `end`."""
    return tuple(n.until(min(n.end, end)).moved(-begin) for n in notes if begin <= n.onset < end)
