"""Reader for archives of piano rolls: `SPLIT_roll` and `SPLIT_lengths` for train, valid and test.

A roll is stored as uint8 [frames, 11]: 88 keys packed with `numpy.packbits`, column 0 is MIDI 21;
the lengths cut it into pieces. These are the splits of Boulanger-Lewandowski et al. 2012.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.corpus.melody_npz import FAULTS
from stream.errors import CorpusError, SettingsError

SPLITS = ("train", "valid", "test")
KEYS = 88
PACKED = KEYS // 8

Roll = NDArray[np.bool_]
"""Keys that sound in each frame of one piece: bool [T, 88]."""


@dataclass(frozen=True, slots=True)
class RollSet:
    """A named set in its three splits; no split is empty."""

    name: str
    train: tuple[Roll, ...]
    valid: tuple[Roll, ...]
    test: tuple[Roll, ...]

    def split(self, name: str) -> tuple[Roll, ...]:
        return {"train": self.train, "valid": self.valid, "test": self.test}[name]


def load_rolls(sources: Iterable[str]) -> list[RollSet]:
    """Return the sets of `NAME=PATH` arguments, in their order.

    Raises `SettingsError` for an argument of another form or a name given twice, and the errors of
    `read_rolls`.
    """
    sets: dict[str, RollSet] = {}
    for source in sources:
        name, equals, path = source.partition("=")
        if not (name and equals and path):
            raise SettingsError(f"--set {source}: must be NAME=PATH, as jsb=jsb_chorales.npz")
        if name in sets:
            raise SettingsError(f"--set {source}: {name} is given twice; name each set once")
        sets[name] = read_rolls(Path(path), name)
    return list(sets.values())


def read_rolls(path: Path, name: str) -> RollSet:
    """Read the set in one archive; `CorpusError` if it is unreadable, too wide or has no frames."""
    try:
        # `np.load` would also accept a bare array; NpzFile rejects it.
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            wanted = [f"{split}_{part}" for split in SPLITS for part in ("roll", "lengths")]
            arrays = {key: archive[key] for key in wanted}
    except FAULTS as error:
        raise CorpusError(f"{path}: not a readable archive of piano rolls ({error})") from error
    return RollSet(name, *(_pieces(path, arrays, split) for split in SPLITS))


def _pieces(path: Path, arrays: dict[str, NDArray[np.uint8]], split: str) -> tuple[Roll, ...]:
    roll, lengths = arrays[f"{split}_roll"], arrays[f"{split}_lengths"]
    if roll.ndim != 2 or roll.shape[1] != PACKED or roll.dtype != np.uint8:
        raise CorpusError(
            f"{path}: {split}_roll is {roll.dtype} {list(roll.shape)}; "
            f"a frame is {KEYS} keys packed into {PACKED} bytes (uint8)"
        )
    if len(roll) == 0 or lengths.size == 0:
        raise CorpusError(f"{path}: its split {split} is empty; give a set with all of {SPLITS}")
    if lengths.dtype.kind not in "iu" or lengths.ndim != 1 or (lengths < 1).any():
        raise CorpusError(f"{path}: {split}_lengths must be whole numbers from 1 up")
    if lengths.sum() != len(roll):
        raise CorpusError(
            f"{path}: {split}_lengths add up to {lengths.sum()}, "
            f"{split}_roll has {len(roll)} frames"
        )
    frames = np.unpackbits(roll, axis=1).astype(bool)
    return tuple(np.split(frames, np.cumsum(lengths)[:-1]))
