"""The encoder: samples go in, frames of MP3 come out, the same ones for all listeners."""

from __future__ import annotations

from stream.errors import SettingsError
from stream.radio.mp3_frames import FrameCutter
from stream.util.installation import install_extra

RATE = 44_100
"""Frames of sound a second."""
BIT_RATE = 128
"""Kilobits a second."""
QUALITY = 7
"""LAME's quality from 2 (best) to 7 (fastest)."""


class Encoder:
    """LAME, by the library lameenc. Raises `SettingsError` if it is not installed."""

    def __init__(self) -> None:
        try:
            import lameenc
        except ImportError as error:
            raise SettingsError(
                f"radio: lameenc is not installed; run: {install_extra('radio')}"
            ) from error
        self._encoder = lameenc.Encoder()
        self._encoder.silence()
        self._encoder.set_channels(2)
        self._encoder.set_in_sample_rate(RATE)
        self._encoder.set_bit_rate(BIT_RATE)
        self._encoder.set_quality(QUALITY)
        self._cutter = FrameCutter()

    def encode(self, samples: bytes) -> bytes:
        """Return whole frames for samples of 16 bits, left and right by turns; maybe none yet."""
        return b"".join(self._cutter.cut(bytes(self._encoder.encode(samples))))
