"""A MIDI line as bytes: where each message ends.

The bytes of a clock come between those of other messages, and a status byte that repeats is left
out ("running status"). mido's parser knows neither; on a DIN line both are the rule.
"""

from __future__ import annotations

from collections.abc import Iterator

STATUS, SYSTEM, REAL_TIME = 0x80, 0xF0, 0xF8
LENGTHS = {0x8: 3, 0x9: 3, 0xA: 3, 0xB: 3, 0xC: 2, 0xD: 2, 0xE: 3}
"""Bytes of a channel message by its kind."""
SYSTEM_LENGTHS = {0xF1: 2, 0xF2: 3, 0xF3: 2, 0xF6: 1}
"""Bytes of a system message; a system-exclusive one has any, and is left out."""


def length(status: int) -> int:
    """Bytes of a message; 0 for those that are left out."""
    if status >= REAL_TIME:
        return 1
    return SYSTEM_LENGTHS.get(status, 0) if status >= SYSTEM else LENGTHS[status >> 4]


class ByteStream:
    """Bytes as they come become messages."""

    def __init__(self) -> None:
        self._message = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The messages that have become whole."""
        for byte in data:
            if byte >= REAL_TIME:
                yield bytes([byte])
            elif byte >= STATUS:
                # What had begun is given up; so is the running status, by a system message.
                self._message = bytearray([byte] if length(byte) else [])
                yield from self._whole()
            elif self._message:
                self._message.append(byte)
                yield from self._whole()

    def _whole(self) -> Iterator[bytes]:
        status = self._message[0] if self._message else 0
        if self._message and len(self._message) == length(status):
            yield bytes(self._message)
            self._message = bytearray([status] if status < SYSTEM else [])
