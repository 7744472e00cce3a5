"""Tunes on a grid of eight segments a measure: the pitch, and the chord, at each.

A segment has the pitch that sounds as it begins, so that a hold repeats its pitch (a repeated note
can not be told from a held one), and `REST` where none does. Whatever the metre, a measure is eight
segments: eighths in 4/4, dotted sixteenths in 3/4 and 6/8. Conventions: T segments; class 0 is a
rest, class c is MIDI number `LOWEST` - 1 + c.
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
"""In a measure."""
WINDOW: Final = 32
"""Segments that the one after them is told by."""
REST: Final = 0
LOWEST, HIGHEST = 55, 88
"""MIDI numbers of the alphabet: G below middle C, and the E three octaves above."""
PITCHES: Final = HIGHEST - LOWEST + 2
"""Classes: the rest and the pitches."""
METRES: Final = ("", "4/4", "6/8", "3/4", "2/4", "9/8", "2/2", "3/2", "6/4")
"""Class 0: any other."""
CHORD_COLUMNS = (
    "chord_start",
    "chord_onset",
    "chord_duration",
    "chord_bass",
    "chord_pitch_classes",
)
TEST, VALID = 3, 1
"""Tenths of the groups; those of `VALID` are a part of the training groups."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A tune."""

    pitch: Ints
    """Classes [T]."""
    chord: Ints
    """Classes [T] of `export.papers.melody_lstm.chords`."""
    metre: int
    """Class of `METRES`."""
    group: int
    """Variants of one tune share it."""
    title: str

    def __len__(self) -> int:
        return len(self.pitch)


def read_leads(path: Path) -> list[Lead]:
    """Every tune with a metre of an archive of melodies, with chords where it has any.

    Raises `CorpusError` where the file is no archive of melodies, or a pitch is no class.
    """
    try:
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        missing = {*COLUMNS, "meter", "variant_group"} - arrays.keys()
        if missing:
            raise ValueError(f"{', '.join(sorted(missing))} missing")
        return [lead for i in range(len(arrays["meter"])) if (lead := _lead(arrays, i))]
    except FAULTS as error:
        raise CorpusError(f"{path}: no readable archive of melodies ({error})") from error


def _lead(arrays: dict[str, NDArray[Any]], i: int) -> Lead | None:
    metre = str(arrays["meter"][i])
    bar = bar_ticks(metre) * int(arrays["ticks_per_quarter"]) // TICKS_PER_BEAT
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
        METRES.index(metre) if metre in METRES else 0,
        int(arrays["variant_group"][i]),
        str(arrays["title"][i]) if "title" in arrays else f"tune {i}",
    )


def sampled(
    times: NDArray[Any], onset: NDArray[Any], duration: NDArray[Any], value: Ints, nothing: int
) -> Ints:
    """What is there at each of `times` [T], of values that begin and last; else `nothing`."""
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
    """The tunes of `train`, `valid` (a part of the training groups) and `test`.

    Seven tenths of the groups are for training; which, is drawn once and for all by their numbers.
    """
    groups = sorted({lead.group for lead in leads}, key=lambda g: zlib.crc32(f"lead {g}".encode()))
    tenth = {group: 10 * i // len(groups) for i, group in enumerate(groups)}
    found: dict[str, list[Lead]] = {"train": [], "valid": [], "test": []}
    for lead in leads:
        at = tenth[lead.group]
        found["test" if at < TEST else "valid" if at < TEST + VALID else "train"].append(lead)
    return found


def windows(rows: Sequence[Ints], length: int = WINDOW) -> tuple[Ints, Ints]:
    """All windows [W, length] of each row of classes, and the class [W] that follows each."""
    whole = [
        np.lib.stride_tricks.sliding_window_view(r, length + 1) for r in rows if len(r) > length
    ]
    if not whole:
        return np.empty((0, length), np.int64), np.empty(0, np.int64)
    found = np.concatenate(whole)
    return found[:, :-1], found[:, -1]


def pieces(row: Ints, length: int, offset: int) -> list[Ints]:
    """The row cut every `length`, first after `offset`: each piece with the class that follows."""
    cuts = [0, *range(offset or length, len(row) - 1, length), len(row) - 1]
    return [row[a : b + 1] for a, b in pairwise(cuts)]
