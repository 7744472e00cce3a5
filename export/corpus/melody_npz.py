"""Reader for melody archives: `pitch`, `onset`, `duration`, `tune_start` and texts of each tune.

Ticks are converted to 48 a quarter note. Optional arrays are used if present:
`pickup` (ticks before the first bar line), `meter` (`6/8`), `key` (`G major`, `C-min`),
`variant_group`; `bar` and `beat` per note place the bar lines of transcribed performances;
`*_satb` with `*_lengths` are four-part scores on a sixteenth grid, whose top part is read.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from export.corpus.chords.spans import chords_of
from export.corpus.solos import Cut, changes_bars, sixteen_bars
from stream.compose.tunes.dances import kind_of
from stream.compose.tunes.tune import Tune
from stream.errors import CorpusError
from stream.music.note import TICKS_PER_BEAT, Note
from stream.music.scale import KEYS, OCTAVE, SIGNS

COLUMNS = {"pitch", "onset", "duration", "tune_start"}
FAULTS = (
    OSError, EOFError, LookupError, MemoryError, RuntimeError, TypeError, ValueError, struct.error,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""Errors that numpy's reader raises for a damaged archive."""
MINOR = ("min", "aeolian", "dorian", "phrygian", "locrian")
METER = r"(\d+)/([1-9]\d*)"
MOST_BYTES = 2**30
LONGEST = 10_000 * 4 * TICKS_PER_BEAT
"""Largest time in ticks: ten thousand bars. A later one is damage, and would give endless rests."""


def read_npz(path: Path, style: str, cut: Cut = sixteen_bars) -> Iterator[Tune]:
    """Yield every tune of one archive; `cut` divides performances.

    Raises `CorpusError` for a file that is not an archive, lacks the arrays named above, or holds
    arrays that do not fit together.
    """
    arrays = _arrays(path)
    read: Callable[[dict[str, np.ndarray], str, Cut], Iterator[Tune]]
    if "train_satb" in arrays:
        read = _top_parts
    elif arrays.keys() >= COLUMNS and all(arrays[name].dtype.kind in "iu" for name in COLUMNS):
        read = _melodies
    else:
        raise CorpusError(
            f"{path}: has neither pitch, onset, duration, tune_start in whole numbers nor *_satb"
        )
    try:
        tunes = list(read(arrays, style, cut))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise CorpusError(f"{path}: its arrays do not fit together ({error})") from error
    yield from tunes


def _arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        # `np.load` would also accept a bare array; NpzFile rejects it.
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            members = archive.zip.infolist() if archive.zip else []
            if sum(info.file_size for info in members) > MOST_BYTES:
                raise ValueError(f"it unpacks to over {MOST_BYTES} bytes")
            return {name: archive[name] for name in archive.files}
    except FAULTS as error:
        raise CorpusError(f"{path}: not a readable .npz archive ({error})") from error


def _melodies(arrays: dict[str, np.ndarray], style: str, cut: Cut) -> Iterator[Tune]:
    scale = TICKS_PER_BEAT / int(arrays.get("ticks_per_quarter", TICKS_PER_BEAT))
    starts = arrays["tune_start"]
    for i, (a, b) in enumerate(pairwise(starts)):
        key, meter = (str(_at(arrays, name, i, "")) for name in ("key", "meter"))
        tune = Tune(
            notes=_notes(arrays, slice(a, b), scale),
            title=str(_at(arrays, "title", i, f"tune {i}")),
            style=style,
            group=int(_at(arrays, "variant_group", i, i)),
            bar=bar_ticks(meter),
            downbeat=round(scale * int(_at(arrays, "pickup", i, 0))),
            mode=mode_of(key),
            tonic=tonic_of(key),
            meter=meter if re.fullmatch(METER, meter) else "",
            kind=kind_of(str(_at(arrays, "rhythm", i, "")), meter) if "rhythm" in arrays else "",
            tempo=float(_at(arrays, "tempo_bpm", i, 0.0)),
            chords=tuple(chords_of(arrays, i)),
        )
        if "beats_per_bar" in arrays:
            bars = changes_bars(str(_at(arrays, "chord_changes", i, "")))
            yield from cut(tune, arrays["bar"][a:b], arrays["beat"][a:b], bars)
        elif len(tune.notes):
            yield tune


def _at(arrays: dict[str, np.ndarray], name: str, i: int, default: object) -> Any:
    return arrays[name][i] if name in arrays else default


def _notes(arrays: dict[str, np.ndarray], where: slice, scale: float) -> tuple[Note, ...]:
    columns = (arrays[name][where].tolist() for name in ("onset", "duration", "pitch"))
    notes = tuple(
        Note(round(onset * scale), max(round(duration * scale), 1), pitch)
        for onset, duration, pitch in zip(*columns, strict=True)
    )
    if any(abs(n.onset) + n.duration > LONGEST for n in notes):
        raise ValueError("a note lies beyond 10000 bars")
    return notes


def _top_parts(arrays: dict[str, np.ndarray], style: str, _: Cut) -> Iterator[Tune]:
    for split in ("train", "valid", "test"):
        ends = np.cumsum(arrays[f"{split}_lengths"])[:-1]
        for i, parts in enumerate(np.split(arrays[f"{split}_satb"], ends)):
            part, bass = parts[:, 0], parts[:, -1]
            notes = _runs(part)
            if notes:
                group = -1 - i - 1000 * ("train", "valid", "test").index(split)
                tonic = int(bass[bass >= 0][-1]) % OCTAVE if (bass >= 0).any() else -1
                yield Tune(
                    notes, f"{split} {i}", style, group, bar=192, split=split, tonic=tonic,
                    meter="4/4",
                )  # fmt: skip


def _runs(part: np.ndarray) -> tuple[Note, ...]:
    """Return notes from a row of pitches, one a sixteenth, -1 for silence."""
    edges = np.flatnonzero(np.diff(part)) + 1
    starts = [0, *edges.tolist()]
    ends = [*edges.tolist(), len(part)]
    sixteenth = TICKS_PER_BEAT // 4
    return tuple(
        Note(a * sixteenth, (b - a) * sixteenth, int(part[a]))
        for a, b in zip(starts, ends, strict=True)
        if part[a] >= 0
    )


def bar_ticks(meter: str) -> int:
    """Return the ticks in a bar of a meter such as `6/8`; 0 for other texts."""
    match = re.fullmatch(METER, meter.strip())
    return int(match[1]) * 4 * TICKS_PER_BEAT // int(match[2]) if match else 0


def tonic_of(key: str) -> int:
    """Return the pitch class of the tonic of a key such as `F# dorian` or `Bb-maj`; -1 without."""
    match = re.match(r"([A-G])([#b]|-(?! ?[a-z]))?", key.strip())
    if match is None:
        return -1
    return (KEYS[match[1]] + SIGNS[{"-": "b"}.get(match[2] or "", match[2] or "")]) % OCTAVE


def mode_of(key: str) -> str:
    """Return `minor` for modes with a minor third, `major` for others, empty without a key."""
    name = key.lower()
    if not name.strip() or name.strip() == "none":
        return ""
    return "minor" if any(word in name for word in MINOR) else "major"
