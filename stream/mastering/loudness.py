"""Loudness of a stereo recording as it is measured in broadcasting, ITU-R BS.1770-4.

Samples are weighted by two filters that follow the ear (K-weighting); the mean square of each 400
ms, four to a block and three of them shared with the next, is averaged over the blocks that are not
silent. Memory grows by 1.5 kB for a second of sound.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RATE = 44_100
"""Frames a second."""
STEP = RATE // 10
"""Frames of a step: blocks of four steps are measured, one at each step."""
STEPS_A_BLOCK = 4
SLICE = 245
"""Frames whose peak and mean square are stored: an eighteenth of a step, 5.6 ms."""
SLICES_A_STEP = STEP // SLICE
STEPS_AT_ONCE = 6
FRAMES = STEPS_AT_ONCE * STEP
"""Frames that are filtered at once."""
DECAY = 4096
"""Frames after which the filters' response has died away, below 1e-9."""
FFT = 32_768
OFFSET = -0.691
"""LUFS of a mean square of 1."""
SILENT, QUIET = -70.0, -10.0
"""Gates: LUFS of silence, and LU below the mean at which a block is left out."""
FULL_SCALE = 32_768


class Meter:
    """Measures frames as they come."""

    def __init__(self) -> None:
        self._response = k_response()
        self._tail: NDArray[np.float32] = np.zeros((DECAY, 2), np.float32)
        self._waiting: list[NDArray[np.int16]] = []
        self._frames = 0
        self._energies: list[NDArray[np.float32]] = []
        self._peaks: list[NDArray[np.float32]] = []

    def add(self, samples: NDArray[np.int16]) -> None:
        """Measure more frames: samples [2 n], left and right by turns."""
        self._waiting.append(samples)
        self._frames += len(samples) // 2
        if self._frames >= FRAMES:
            waiting = np.concatenate(self._waiting)
            whole = self._frames // FRAMES * FRAMES
            for start in range(0, whole, FRAMES):
                self._measure(waiting[2 * start : 2 * (start + FRAMES)])
            self._waiting = [waiting[2 * whole :]]
            self._frames -= whole

    def finish(self) -> tuple[Floats, Floats]:
        """Return the mean square and the peak of each slice of 245 frames; 1 is full scale.

        Both end with silence, to a whole number of steps.
        """
        if self._frames:
            self.add(np.zeros(2 * (FRAMES - self._frames), np.int16))
        nothing = np.zeros(0)
        return np.concatenate([nothing, *self._energies]), np.concatenate([nothing, *self._peaks])

    def _measure(self, samples: NDArray[np.int16]) -> None:
        frames = samples.reshape(FRAMES, 2).astype(np.float32) / np.float32(FULL_SCALE)
        spectrum = np.fft.rfft(np.concatenate([self._tail, frames]), FFT, axis=0)
        heard = np.fft.irfft(spectrum * self._response[:, None], FFT, axis=0)
        squares = heard[DECAY : DECAY + FRAMES] ** 2
        self._tail = frames[-DECAY:]
        self._energies.append(squares.reshape(-1, 2 * SLICE).sum(axis=1) / np.float32(SLICE))
        self._peaks.append(np.abs(frames).reshape(-1, 2 * SLICE).max(axis=1))


def integrated(energies: Floats) -> float:
    """Return the loudness in LUFS of slices with these mean squares; minus infinity for silence.

    They are those of whole steps.
    """
    steps = energies.reshape(-1, SLICES_A_STEP).mean(axis=1)
    blocks = min(STEPS_A_BLOCK, len(steps))
    if not blocks:
        return -np.inf
    means = np.convolve(steps, np.full(blocks, 1 / blocks), "valid")
    audible = means[_lufs(means) > SILENT]
    if not len(audible):
        return -np.inf
    loud = audible[_lufs(audible) > float(_lufs(audible.mean())) + QUIET]
    return float(_lufs(loud.mean()))


def k_response() -> NDArray[np.complex64]:
    """Return the frequency response of the K-weighting at the bins of `FFT`.

    The coefficients are those of ITU-R BS.1770-4, derived for 44.1 kHz as in Brecht De Man,
    "Evaluation of implementations of the EBU R128 loudness measurement", 2018.
    """
    z = np.exp(-2j * np.pi * np.arange(FFT // 2 + 1) / FFT)
    shelf = _shelf(1681.974450955533, 0.7071752369554196, 3.999843853973347)
    high_pass = _high_pass(38.13547087602444, 0.5003270373238773)
    response = np.ones(len(z), complex)
    for over, under in (shelf, high_pass):
        response *= np.polyval(over[::-1], z) / np.polyval(under[::-1], z)
    return response.astype(np.complex64)


def _shelf(hertz: float, quality: float, decibels: float) -> tuple[Floats, Floats]:
    k = np.tan(np.pi * hertz / RATE)
    high = 10 ** (decibels / 20)
    band = high**0.4996667741545416
    over = [
        high + band * k / quality + k * k,
        2 * (k * k - high),
        high - band * k / quality + k * k,
    ]
    return np.array(over), _under(k, quality)


def _high_pass(hertz: float, quality: float) -> tuple[Floats, Floats]:
    k = np.tan(np.pi * hertz / RATE)
    under = _under(k, quality)
    return np.array([1.0, -2.0, 1.0]) * under[0], under


def _under(k: float, quality: float) -> Floats:
    return np.array([1 + k / quality + k * k, 2 * (k * k - 1), 1 - k / quality + k * k])


def _lufs(energy: Floats | np.float64) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(OFFSET + 10 * np.log10(energy))
