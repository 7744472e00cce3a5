"""Reader for four-part scores on a sixteenth grid: `SPLIT_satb` [steps, 4] and `SPLIT_lengths`.

Conventions: parts are soprano, alto, tenor, bass; T frames, a sixteenth each. In an archive a part
is a MIDI number or -1 for silence; here it is a class: 0 silence, c >= 1 MIDI number 27 + c.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.corpus.melody_npz import FAULTS
from stream.errors import CorpusError

PARTS = ("soprano", "alto", "tenor", "bass")
SPLITS = ("train", "valid", "test")
SILENT = 0
CLASSES = 64
BELOW = 27
"""MIDI number of class 1, less 1."""
MODES = ("major", "minor")
THIRDS = (4, 3)
"""Semitones from the tonic to the third of each mode."""

Frames = NDArray[np.int64]
"""Classes of the parts of one chorale [T, 4]."""


def read_satb(path: Path) -> dict[str, list[Frames]]:
    """Return the chorales of each split; `valid` and `test` may be empty.

    Raises `CorpusError` if the file is not such an archive, a score is not four parts wide, a pitch
    is not a whole number from -1 to 90 (28 is the lowest that sounds), lengths do not add up, or
    the train split is empty.
    """
    try:
        # `np.load` would also accept a bare array; NpzFile rejects it.
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except FAULTS as error:
        raise CorpusError(f"{path}: not a readable .npz archive ({error})") from error
    if "train_satb" not in arrays:
        raise CorpusError(f"{path}: has no train_satb; give an archive of four-part scores")
    found = {s: _split(path, arrays, s) if f"{s}_satb" in arrays else [] for s in SPLITS}
    if not found["train"]:
        raise CorpusError(f"{path}: split train is empty; give an archive with chorales in it")
    return found


def held_out(chorales: dict[str, list[Frames]], split: str) -> list[Frames]:
    """Return the chorales of a held-out split. Raises `CorpusError` if it is empty."""
    if not chorales[split]:
        raise CorpusError(f"split {split} is empty; give an archive with chorales in it")
    return chorales[split]


def _split(path: Path, arrays: dict[str, NDArray[Any]], split: str) -> list[Frames]:
    score, lengths = arrays[f"{split}_satb"], arrays.get(f"{split}_lengths")
    if score.ndim != 2 or score.shape[1] != len(PARTS):
        raise CorpusError(f"{path}: {split}_satb is {_size(score)}, not steps x 4 parts")
    if score.dtype.kind not in "iu":
        raise CorpusError(f"{path}: {split}_satb holds {score.dtype}, not whole numbers")
    if lengths is None or lengths.dtype.kind not in "iu" or lengths.ndim != 1:
        raise CorpusError(f"{path}: {split}_lengths, whole numbers of steps, is missing")
    if (lengths < 1).any() or int(lengths.sum()) != len(score):
        raise CorpusError(
            f"{path}: {split}_lengths add up to {int(lengths.sum())} of {len(score)} steps"
        )
    score = score.astype(np.int64)
    wrong = score[(score != -1) & ((score <= BELOW) | (score >= BELOW + CLASSES))]
    if len(wrong):
        lowest, highest = BELOW + 1, BELOW + CLASSES - 1
        raise CorpusError(
            f"{path}: pitch {wrong[0]} in {split}_satb: parts are silent (-1) or within "
            f"{lowest} and {highest}"
        )
    frames = np.where(score < 0, SILENT, score - BELOW)
    ends = [0, *np.cumsum(lengths).tolist()]
    return [frames[a:b] for a, b in pairwise(ends)]


def _size(array: NDArray[Any]) -> str:
    return " x ".join(map(str, array.shape)) or "a number"


def mode_of(frames: Frames) -> str:
    """Return the mode whose third above the last bass note sounds longer, all parts together.

    The final chord alone would make most pieces major: those in minor often end with a major third.
    Empty if the bass is silent throughout, or neither third occurs.
    """
    bass = frames[frames[:, 3] != SILENT, 3]
    if not len(bass):
        return ""
    above = (frames[frames != SILENT] - bass[-1]) % 12
    counts = [int((above == third).sum()) for third in THIRDS]
    return MODES[int(np.argmax(counts))] if any(counts) else ""


def transpositions(chorales: list[Frames], reach: int) -> list[list[int]]:
    """Return the singable shifts of each chorale, in semitones from -reach to reach.

    A shift is singable if each part stays within the part's range in all of `chorales`.
    """
    sung = [np.concatenate([_sung(c[:, p]) for c in chorales]) for p in range(len(PARTS))]
    ranges = [(int(s.min()), int(s.max())) if len(s) else (1, CLASSES - 1) for s in sung]

    def singable(chorale: Frames, shift: int) -> bool:
        return all(
            low <= int(c) + shift <= high
            for p, (low, high) in enumerate(ranges)
            for c in _extremes(chorale[:, p])
        )

    return [[s for s in range(-reach, reach + 1) if s == 0 or singable(c, s)] for c in chorales]


def _sung(part: NDArray[np.int64]) -> NDArray[np.int64]:
    return part[part != SILENT]


def _extremes(part: NDArray[np.int64]) -> list[int]:
    sung = _sung(part)
    return [int(sung.min()), int(sung.max())] if len(sung) else []


def shifted(classes: Frames, semitones: int) -> Frames:
    """Transpose the classes; silence, and classes past the last, stay the same."""
    sounding = (classes != SILENT) & (classes < CLASSES)
    return np.where(sounding, classes + semitones, classes)
