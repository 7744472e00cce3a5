"""The part of a voice's spec that only voices of sound have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AudioSpec:
    """The synthesis of a voice of kind `audio`: a step returns one block of sound, mono."""

    rate: int
    """Samples a second."""
    hop: int
    """Samples from the start of a block to the start of the next."""
    length: int
    """Samples of a block, `hop` or more; with a spectrum at most twice as many."""
    synthesis: str
    """`samples`: a block is `length` samples, windowed, to be added to those it overlaps.
    `spectrum`: real parts, then imaginary parts, of the `length // 2 + 1` bins that
    `numpy.fft.irfft` takes; blocks are cross-faded where they overlap."""
    tune: float = 120.0
    """Seconds of a tune, by a quarter more or less; then the next begins."""
    quiet: float = 0.003
    """Root mean square, relative to a full scale of 1, below which the sound has died and a new
    tune begins."""
    loud: float = 0.6
    """Root mean square above which the sound has run away and a new tune begins."""
