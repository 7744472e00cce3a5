"""Split the bytes of a MIDI line into messages.

The bytes of a clock may come between those of other messages, and a repeated status byte is left
out ("running status"). Both are common on a DIN line, and mido's parser supports neither.
"""

from __future__ import annotations

from collections.abc import Iterator

STATUS, SYSTEM, REAL_TIME = 0x80, 0xF0, 0xF8
LENGTHS = {0x8: 3, 0x9: 3, 0xA: 3, 0xB: 3, 0xC: 2, 0xD: 2, 0xE: 3}
"""Bytes of a channel message by the upper half of its status."""
SYSTEM_LENGTHS = {0xF1: 2, 0xF2: 3, 0xF3: 2, 0xF6: 1}
"""Bytes of a system message; system-exclusive ones have any length, and are ignored."""


def length(status: int) -> int:
    """Return the number of bytes of a message; 0 for one that is ignored."""
    if status >= REAL_TIME:
        return 1
    return SYSTEM_LENGTHS.get(status, 0) if status >= SYSTEM else LENGTHS[status >> 4]


class ByteStream:
    """A parser of MIDI bytes as they arrive."""

    def __init__(self) -> None:
        self._message = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the messages that are complete now."""
        for byte in data:
            if byte >= REAL_TIME:
                yield bytes([byte])
            elif byte >= STATUS:
                # An incomplete message is dropped; a system message also ends the running status.
                self._message = bytearray([byte] if length(byte) else [])
                yield from self._complete()
            elif self._message:
                self._message.append(byte)
                yield from self._complete()

    def _complete(self) -> Iterator[bytes]:
        status = self._message[0] if self._message else 0
        if self._message and len(self._message) == length(status):
            yield bytes(self._message)
            self._message = bytearray([status] if status < SYSTEM else [])
