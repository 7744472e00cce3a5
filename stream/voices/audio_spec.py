"""What is told of a voice that makes sound, not notes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AudioSpec:
    """How a voice of kind `audio` makes sound: a step gives one block of it, mono."""

    rate: int
    """Samples a second."""
    hop: int
    """Samples from the start of a block to the start of the next."""
    length: int
    """Samples of a block, `hop` or more; with a spectrum at most twice as many."""
    synthesis: str
    """`samples`: a block is `length` samples, windowed, to be added to what they overlap.
    `spectrum`: real parts, then imaginary parts, of the `length // 2 + 1` lines that
    `numpy.fft.irfft` takes; blocks are cross-faded where they overlap."""
    tune: float = 120.0
    """Seconds of a tune, by a quarter more or less; then the next begins."""
    quiet: float = 0.003
    """Root mean square, of full scale 1, below which the sound has died ..."""
    loud: float = 0.6
    """... and above which it has run away: then a new tune begins."""
