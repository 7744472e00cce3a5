"""Sound files: WAV of any rate and number of channels as mono samples at the rate asked for."""

from __future__ import annotations

import math
import struct
import warnings
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.io import wavfile
from scipy.signal import resample_poly

from stream.errors import CorpusError

Samples = NDArray[np.float32]
SILENCE = 1e-3
"""A file whose loudest sample is below this (-60 dB) holds no music."""
SHORTEST = 10.0
"""Seconds that a file has at least: one clip of training."""
TRAIN_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class Piece:
    """One file's sound."""

    name: str
    samples: Samples
    """[n], mono, -1 to 1."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """The pieces of a folder, in two parts that share no piece."""

    train: tuple[Piece, ...]
    dev: tuple[Piece, ...]
    skipped: tuple[str, ...]
    """`NAME: REASON` of each file that was left out."""


def read_folder(folder: Path, rate: int, shortest: float = SHORTEST) -> Corpus:
    """Read every WAV file of a folder at `rate` Hz; 80 % to train on, in the order of names.

    Silent, short and unreadable files are skipped and named. Raises `CorpusError` where fewer than
    two files are left.
    """
    pieces: list[Piece] = []
    skipped: list[str] = []
    for path in sorted(folder.glob("*.[wW][aA][vV]")):
        try:
            pieces.append(Piece(path.name, checked(path, rate, shortest)))
        except CorpusError as error:
            skipped.append(str(error))
    if len(pieces) < 2:
        left_out = "".join(f"; {reason}" for reason in skipped)
        raise CorpusError(
            f"{folder}: {len(pieces)} usable WAV files, at least 2 are needed{left_out}"
        )
    cut = min(max(round(TRAIN_SHARE * len(pieces)), 1), len(pieces) - 1)
    return Corpus(tuple(pieces[:cut]), tuple(pieces[cut:]), tuple(skipped))


def checked(path: Path, rate: int, shortest: float = SHORTEST) -> Samples:
    """Return the samples of a file that holds music, and enough of it. Raises `CorpusError`."""
    samples = read(path, rate)
    if len(samples) < shortest * rate:
        raise CorpusError(f"{path.name}: {len(samples) / rate:.1f} s, shorter than {shortest:g} s")
    if not np.abs(samples).max(initial=0.0) > SILENCE:
        raise CorpusError(f"{path.name}: silent")
    # An offset is not a sound, but the loudest line of a spectrum.
    return samples - samples.mean()


def read(path: Path, rate: int) -> Samples:
    """Read a WAV file as mono samples [n] at `rate` Hz; what is not finite becomes 0."""
    try:
        with warnings.catch_warnings():
            # Chunks that are not sound.
            warnings.simplefilter("ignore", wavfile.WavFileWarning)
            own, data = wavfile.read(path)
    except (OSError, EOFError, ValueError, struct.error) as error:
        raise CorpusError(f"{path.name}: no readable WAV file ({error})") from error
    if data.size == 0 or own <= 0:
        raise CorpusError(f"{path.name}: holds no sound")
    mono = _scaled(data).reshape(len(data), -1).mean(axis=1)
    return resampled(np.nan_to_num(mono, nan=0.0, posinf=0.0, neginf=0.0), own, rate)


def _scaled(data: NDArray[Any]) -> NDArray[np.float64]:
    """Scale whole numbers to -1 to 1; a byte is centered on 128."""
    values = data.astype(np.float64)
    if data.dtype == np.uint8:
        return (values - 128) / 128
    if np.issubdtype(data.dtype, np.integer):
        return values / float(np.iinfo(data.dtype).max + 1)
    return values


def resampled(samples: NDArray[np.floating], own: int, rate: int) -> Samples:
    """Resample from `own` to `rate` Hz, with the filter that this takes."""
    if own == rate:
        return samples.astype(np.float32)
    shared = math.gcd(own, rate)
    return np.asarray(resample_poly(samples, rate // shared, own // shared)).astype(np.float32)


def write(path: Path, samples: Sequence[float] | NDArray[np.floating], rate: int) -> None:
    """Write mono sound of 16 bits; louder than full scale is clipped."""
    whole = np.rint(np.clip(np.asarray(samples, np.float64), -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", "not compressed"))
        file.writeframes(whole.tobytes())
