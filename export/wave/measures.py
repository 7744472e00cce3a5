"""Measures of sound: distance from other sound, noise, and life.

Levels are in dB of a sine at full scale; what is below -60 dB counts as -60 dB.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
WINDOW, STEP = 512, 128
"""Samples of a frame of the spectrogram, Hann, and from frame to frame."""
QUIETEST = 1e-3


def magnitudes(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the spectrogram [..., T, WINDOW // 2 + 1] of samples [..., n]; a full sine is 1."""
    frames = np.lib.stride_tricks.sliding_window_view(samples, WINDOW, axis=-1)[..., ::STEP, :]
    weights = np.hanning(WINDOW + 1)[:-1]
    return np.asarray(np.abs(np.fft.rfft(frames * weights, axis=-1)) / (weights.sum() / 2))


def decibels(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return magnitudes in dB, not below -60."""
    return np.asarray(20 * np.log10(np.maximum(magnitudes(samples), QUIETEST)))


def log_spectral_distance(
    found: NDArray[np.floating], target: NDArray[np.floating]
) -> tuple[float, float]:
    """Return distances of sounds [..., n], dB: RMS over frequencies, mean over frames.

    As they are, and with the difference of their mean levels, frame by frame, left out.
    """
    difference = decibels(found) - decibels(target)
    level = difference.mean(axis=-1, keepdims=True)
    return _mean_root(difference), _mean_root(difference - level)


def _mean_root(difference: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.square(difference).mean(axis=-1)).mean())


def flatness(samples: Samples) -> float:
    """Return the spectral flatness, 0-1, the mean over frames not silent: 1 is white noise."""
    power = np.square(magnitudes(samples))
    loud = power[power.sum(axis=-1) > QUIETEST**2] + 1e-15
    if not len(loud):
        return 0.0
    return float((np.exp(np.log(loud).mean(axis=-1)) / loud.mean(axis=-1)).mean())


def mean_spectrum(samples: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return mean magnitudes [WINDOW // 2 + 1] over all frames, as in the paper's figure 3."""
    return np.asarray(magnitudes(samples).reshape(-1, WINDOW // 2 + 1).mean(axis=0))


def occupied(power: NDArray[np.float64], share: float = 0.99) -> slice:
    """Return the lines with this share of a mean power [lines], as much left out at either end."""
    total = np.cumsum(power) / power.sum()
    low, high = np.searchsorted(total, [(1 - share) / 2, (1 + share) / 2])
    return slice(int(low), int(high) + 1)


def out_of_band(samples: Samples, band: slice) -> float:
    """Return the share of the energy outside the band; 0 for silence."""
    power = np.square(magnitudes(samples)).mean(axis=0)
    return float(1 - power[band].sum() / max(power.sum(), 1e-15))


def click(samples: Samples, hop: int) -> float:
    """Return how much rougher sound is where blocks meet than elsewhere: 1 means no difference.

    The root mean square of the second difference of the two samples at each border, over that of
    all the others.
    """
    rough = np.square(np.diff(samples.astype(np.float64), n=2))
    border = np.isin((np.arange(len(rough)) + 2) % hop, (0, 1))
    border[:hop] = False
    elsewhere = rough[~border].mean()
    return float(np.sqrt(rough[border].mean() / max(elsewhere, 1e-20)))


def levels_of_seconds(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Return the root mean square of each whole second, dB."""
    whole = samples[: len(samples) // rate * rate].astype(np.float64).reshape(-1, rate)
    return np.asarray(20 * np.log10(np.maximum(np.sqrt(np.square(whole).mean(axis=1)), 1e-9)))


def sameness(samples: Samples, rate: int, longest: float = 12.0) -> float:
    """Return how nearly sound repeats itself after some time from 0.5 s to `longest` seconds, 0-1.

    1 less the least mean distance (dB) of the spectrogram from itself so much later, in units of
    its mean distance from itself at any other time: 1 is a loop, or a tone that never changes.
    """
    found = decibels(samples)
    size = max(rate // 16 // STEP, 1)
    whole = found[: len(found) // size * size].reshape(-1, size, found.shape[1]).mean(axis=1)
    per_second = rate / STEP / size
    lags = range(max(round(0.5 * per_second), 1), min(round(longest * per_second), len(whole) // 2))
    apart = [float(np.abs(whole[lag:] - whole[:-lag]).mean()) for lag in lags]
    shuffled = whole[np.random.default_rng(0).permutation(len(whole))]
    usual = float(np.abs(whole - shuffled).mean())
    return 1.0 - min(apart) / usual if usual > 0.5 else 1.0
