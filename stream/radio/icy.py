"""Titles within a stream, as Shoutcast and Icecast send them to players that ask for them.

After every `INTERVAL` bytes of sound follows one byte, the length of a text in units of 16 bytes,
and the text, filled up with zeros. The length is 0 as long as the title stays.
"""

from __future__ import annotations

INTERVAL = 16_000
"""Bytes of sound between two titles: one second at 128 kbit/s."""
UNIT, MOST_UNITS = 16, 255


class TitleWeaver:
    """Weaves titles into the sound of one listener."""

    def __init__(self, interval: int = INTERVAL) -> None:
        self._interval = interval
        self._left = interval
        """Bytes of sound before the next title."""
        self._told: str | None = None

    def weave(self, sound: bytes, title: str) -> bytes:
        """Return the sound with the title at the places where one is due."""
        woven = b""
        while len(sound) >= self._left:
            woven += sound[: self._left] + self._block(title)
            sound, self._left = sound[self._left :], self._interval
        self._left -= len(sound)
        return woven + sound

    def _block(self, title: str) -> bytes:
        if title == self._told:
            return b"\0"
        self._told = title
        return block(title)


def block(title: str) -> bytes:
    """Return a title with its length; a quotation mark would end it early."""
    text = f"StreamTitle='{title.replace(chr(39), chr(0x2019))}';".encode()
    units = -(-len(text) // UNIT)
    if units > MOST_UNITS:
        raise ValueError(f"a title of {len(text)} bytes; at most {UNIT * MOST_UNITS} are possible")
    return bytes([units]) + text.ljust(UNIT * units, b"\0")
