"""Tunes on a grid of eight segments a measure: the pitch, and the chord, at each (paper 001).

A segment has the pitch that sounds as it begins, so that a hold repeats its pitch (repeated and
held notes are the same), and `REST` in silence. In every meter a measure is eight segments: eighths
in 4/4, dotted sixteenths in 3/4 and 6/8. Conventions: T segments, W windows; class 0 is a rest,
class c is MIDI number `LOWEST` - 1 + c.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from export.corpus.melody_npz import COLUMNS, FAULTS, bar_ticks
from export.papers.melody_lstm.chords import class_of_mask
from stream.compose.polyphony.voicing import NO_CHORD
from stream.errors import CorpusError
from stream.music.note import TICKS_PER_BEAT

Ints = NDArray[np.int64]
SEGMENTS: Final = 8
"""Segments of a measure."""
WINDOW: Final = 32
"""Segments from which the next one is predicted."""
REST: Final = 0
LOWEST, HIGHEST = 55, 88
"""MIDI numbers of the alphabet: G below middle C, and the E three octaves above."""
PITCHES: Final = HIGHEST - LOWEST + 2
"""Classes: the rest and the pitches."""
METERS: Final = ("", "4/4", "6/8", "3/4", "2/4", "9/8", "2/2", "3/2", "6/4")
"""Meters by class; class 0 stands for all others."""
CHORD_COLUMNS = (
    "chord_start",
    "chord_onset",
    "chord_duration",
    "chord_bass",
    "chord_pitch_classes",
)
TEST, VALID = 3, 1
"""Tenths of the groups in each part; those of `VALID` are a part of the training groups."""


@dataclass(frozen=True, slots=True)
class Lead:
    """The melody of a tune with its chords."""

    pitch: Ints
    """Pitch classes of the segments [T]."""
    chord: Ints
    """Chord classes of the segments [T], as in `export.papers.melody_lstm.chords`."""
    meter: int
    """Index into `METERS`."""
    group: int
    """Number that all variants of one tune share."""
    title: str

    def __len__(self) -> int:
        return len(self.pitch)


def read_leads(path: Path) -> list[Lead]:
    """Return every tune with a meter of an archive of melodies, with chords where it has any.

    Raises `CorpusError` for a file that is not an archive of melodies, or a pitch out of range.
    """
    try:
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        missing = {*COLUMNS, "meter", "variant_group"} - arrays.keys()
        if missing:
            raise ValueError(f"{', '.join(sorted(missing))} missing")
        return [lead for i in range(len(arrays["meter"])) if (lead := _lead(arrays, i))]
    except FAULTS as error:
        raise CorpusError(f"{path}: not a readable archive of melodies ({error})") from error


def _lead(arrays: dict[str, NDArray[Any]], i: int) -> Lead | None:
    meter = str(arrays["meter"][i])
    bar = bar_ticks(meter) * int(arrays["ticks_per_quarter"]) // TICKS_PER_BEAT
    here = slice(*arrays["tune_start"][i : i + 2])
    onset, duration = arrays["onset"][here].astype(np.int64), arrays["duration"][here]
    if not (bar and len(onset)):
        return None
    times = np.arange(-(-int((onset + duration).max()) * SEGMENTS // bar)) * bar / SEGMENTS
    pitch = arrays["pitch"][here].astype(np.int64) - LOWEST + 1
    if not ((pitch > REST) & (pitch < PITCHES)).all():
        raise ValueError(f"a pitch of tune {i} is not within {LOWEST} and {HIGHEST}")
    return Lead(
        sampled(times, onset, duration, pitch, REST),
        _chords(arrays, i, times),
        METERS.index(meter) if meter in METERS else 0,
        int(arrays["variant_group"][i]),
        str(arrays["title"][i]) if "title" in arrays else f"tune {i}",
    )


def sampled(
    times: NDArray[Any], onset: NDArray[Any], duration: NDArray[Any], value: Ints, nothing: int
) -> Ints:
    """Return the value at each of `times` [T], `nothing` where none lasts.

    Values have an onset and a duration.
    """
    last = np.searchsorted(onset, times, "right") - 1
    there = (last >= 0) & (times < (onset + duration)[last])
    return np.where(there, value[last], nothing)


def _chords(arrays: dict[str, NDArray[Any]], i: int, times: NDArray[Any]) -> Ints:
    here = slice(*arrays["chord_start"][i : i + 2]) if "chord_start" in arrays else slice(0, 0)
    if here.start == here.stop:
        return np.full(len(times), NO_CHORD)
    _, onset, duration, bass, mask = (arrays[name][here] for name in CHORD_COLUMNS)
    named = [class_of_mask(int(m), int(b)) for m, b in zip(mask, bass, strict=True)]
    return sampled(times, onset, duration, np.array(named, np.int64), NO_CHORD)


def splits(leads: Sequence[Lead]) -> dict[str, list[Lead]]:
    """Return the tunes of `train`, `valid` (a part of the training groups) and `test`.

    Seven tenths of the groups are for training, chosen by a hash of their numbers.
    """
    groups = sorted({lead.group for lead in leads}, key=lambda g: zlib.crc32(f"lead {g}".encode()))
    tenth = {group: 10 * i // len(groups) for i, group in enumerate(groups)}
    found: dict[str, list[Lead]] = {"train": [], "valid": [], "test": []}
    for lead in leads:
        at = tenth[lead.group]
        found["test" if at < TEST else "valid" if at < TEST + VALID else "train"].append(lead)
    return found


def windows(rows: Sequence[Ints], length: int = WINDOW) -> tuple[Ints, Ints]:
    """Return all windows [W, length] of each row of classes, and the class after each [W]."""
    whole = [
        np.lib.stride_tricks.sliding_window_view(r, length + 1) for r in rows if len(r) > length
    ]
    if not whole:
        return np.empty((0, length), np.int64), np.empty(0, np.int64)
    found = np.concatenate(whole)
    return found[:, :-1], found[:, -1]


def pieces(row: Ints, length: int, offset: int) -> list[Ints]:
    """Cut the row every `length`, first after `offset`; pieces include the class that follows."""
    cuts = [0, *range(offset or length, len(row) - 1, length), len(row) - 1]
    return [row[a : b + 1] for a, b in pairwise(cuts)]
