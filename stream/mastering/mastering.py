"""Mastering of a rendered recording: one loudness for all, and no sample that clips.

The whole file gets one gain; a limiter that sees what comes turns down the peaks that would be too
high. Samples depend on the recording alone.
"""

from __future__ import annotations

from typing import BinaryIO

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from stream.mastering.loudness import FULL_SCALE, SLICE, Floats, integrated

TARGET = -16.0
"""Loudness of each file in LUFS, which streaming services and podcasts use for stereo."""
CEILING = 10 ** (-1 / 20)
"""The highest sample, 1 dB below full scale."""
MOST_GAIN = 30.0
"""Most decibels by which a recording is turned up."""
STEP_GAIN = 0.01
"""Decibels between two gains: the rounding of another processor does not change any sample."""
ROUNDS = 12
"""Times that the gain is corrected for what the limiter takes away."""
REACH = 4
"""Slices before and after a loud one over which the limiter turns down, 22 ms each way."""
NOISE = 1.5 / FULL_SCALE
"""Peak below which a slice has nothing but the rounding of silence, which stays silent."""
SLICES_AT_ONCE = 256
Samples = NDArray[np.int16]


def gain_for(energies: Floats, peaks: Floats) -> float:
    """Return the factor for a recording whose slices have these mean squares and peaks.

    With it and the limiter the recording has the loudness `TARGET`. Silence keeps a factor of 1.
    """
    decibels = 0.0
    for _ in range(ROUNDS):
        gain = 10 ** (decibels / 20)
        edges = limits(peaks * gain)
        found = integrated(energies * (gain * (edges[:-1] + edges[1:]) / 2) ** 2)
        if not np.isfinite(found):
            return 1.0
        decibels = min(decibels + TARGET - found, MOST_GAIN)
    return float(10 ** (round(decibels / STEP_GAIN) * STEP_GAIN / 20))


def limits(peaks: Floats) -> Floats:
    """Return the limiter's factors at the edges of the slices [n + 1], 1 where it does nothing.

    Between two edges the factor is a straight line, and never above what the peak allows.
    """
    allowed = np.minimum(1.0, CEILING / np.maximum(peaks, CEILING))
    lowest = _windows(allowed).min(axis=1)
    smooth = _windows(lowest).mean(axis=1)
    edges: Floats = np.minimum(np.append(smooth, smooth[-1:]), np.insert(smooth, 0, smooth[:1]))
    return edges


def master(file: BinaryIO, start: int, gain: float, peaks: Floats) -> None:
    """Turn the samples of a file, from byte `start` on, in place. Raises `OSError`.

    `peaks` are those of the samples as they are in the file.
    """
    factors = limits(peaks * gain) * gain
    for first in range(0, len(peaks), SLICES_AT_ONCE):
        here = slice(first, first + SLICES_AT_ONCE)
        at = start + 4 * SLICE * first
        file.seek(at)
        samples = np.frombuffer(file.read(4 * SLICE * SLICES_AT_ONCE), "<i2").reshape(-1, 2)
        turned = _turned(samples, factors[first : here.stop + 1], peaks[here] > NOISE)
        file.seek(at)
        file.write(turned.astype("<i2").tobytes())


def _turned(samples: Samples, edges: Floats, sounding: NDArray[np.bool_]) -> Floats:
    """Return samples [n, 2] with the factors at the edges of their slices; silent slices are 0."""
    places = np.arange(len(samples)) / SLICE
    factors = np.interp(places, np.arange(len(edges)), edges)
    factors *= np.repeat(sounding, SLICE)[: len(samples)]
    highest = int(CEILING * FULL_SCALE)
    turned: Floats = np.clip(np.rint(samples * factors[:, None]), -highest, highest)
    return turned


def _windows(values: Floats) -> Floats:
    return sliding_window_view(np.pad(values, REACH, mode="edge"), 2 * REACH + 1)
