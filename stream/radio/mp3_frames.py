"""Cuts a stream of MP3 into its frames, so that a listener can begin at any of them.

A frame of MPEG-1 Layer III begins with eleven bits of 1 and tells its length by bit rate, sample
rate and padding (ISO/IEC 11172-3, 2.4.1.3). It holds 1,152 samples.
"""

from __future__ import annotations

from collections.abc import Iterator

SAMPLES = 1152
"""Samples of a frame, of each channel."""
HEADER_BYTES = 4
SYNC = 0xFFE0
"""The first eleven bits of a frame."""
KIND_MASK, MPEG_1_LAYER_3 = 0x1E, 0x1A
"""Bits of version and layer in the second byte, and their values here."""
BIT_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0)
"""Kilobits a second by their code; 0: none that is used here."""
RATES = (44_100, 48_000, 32_000, 0)
"""Samples a second by their code."""


class FrameCutter:
    """Cuts the bytes of an encoder, which come in parts, into frames."""

    def __init__(self) -> None:
        self._rest = b""

    def cut(self, data: bytes) -> Iterator[bytes]:
        """Yield the frames that `data` completes; bytes outside of frames are left out."""
        rest, start = self._rest + data, 0
        while start + HEADER_BYTES <= len(rest):
            length = frame_length(rest[start : start + HEADER_BYTES])
            if not length:
                start += 1
                continue
            if start + length > len(rest):
                break
            yield rest[start : start + length]
            start += length
        self._rest = rest[start:]


def frame_length(header: bytes) -> int:
    """Return the bytes of the frame with a header of four bytes; 0 if it is not a header."""
    if int.from_bytes(header[:2]) & SYNC != SYNC or header[1] & KIND_MASK != MPEG_1_LAYER_3:
        return 0
    bit_rate, rate = BIT_RATES[header[2] >> 4], RATES[(header[2] >> 2) & 3]
    padding = (header[2] >> 1) & 1
    return SAMPLES // 8 * 1000 * bit_rate // rate + padding if bit_rate and rate else 0
