"""What a slow line is given, and when: notes at once, controllers as far as there is room. Pure.

A DIN line carries some thousand messages a second, and whoever turns knobs by OSC or through an
input may send several times as many. What the line can not carry would wait in buffers, and the
notes behind it. So of the controllers that wait the last value counts, and notes pass them by.
"""

from __future__ import annotations

POLY_PRESSURE, CONTROL, PROGRAM, PRESSURE, BEND = 0xA0, 0xB0, 0xC0, 0xD0, 0xE0
BANK = (0, 32)
"""Controllers that choose the bank of the program change that follows."""
ROOM_SECONDS = 0.005
"""Controllers that are on their way; a note waits for so long at most."""
SHARE = 0.8
"""Of the line that controllers may fill: its clock is not ours, and notes have to pass."""

Key = tuple[int, int]


class Pacer:
    """Between an output and a line of `rate` bytes a second. Times are given (s, monotonic)."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._free = 0.0
        """When all that was written has left the machine."""
        self._waiting: dict[Key, bytes] = {}
        """The last value of each controller, in the order in which they came."""

    @property
    def deadline(self) -> float | None:
        """When `due` has something to write; None: nothing waits."""
        return self._free if self._waiting else None

    def send(self, data: bytes, now: float) -> bytes:
        """What is to be written, now that there is this message to send."""
        key = _key(data)
        if key is None:
            return self._spend(self._before(data) + data, now, self._rate)
        if not self._waiting and max(self._free - now, 0.0) + len(data) / self._rate < ROOM_SECONDS:
            return self._spend(data, now, SHARE * self._rate)
        self._waiting.pop(key, None)
        self._waiting[key] = data
        return self.due(now)

    def send_first(self, data: bytes, now: float) -> bytes:
        """As `send`, for what must not wait: what waits under the same number is forgotten."""
        key = _key(data)
        if key is not None:
            self._waiting.pop(key, None)
        return self._spend(data, now, self._rate)

    def due(self, now: float) -> bytes:
        """What is to be written of what waits."""
        written = b""
        while self._waiting and now >= self._free and len(written) < ROOM_SECONDS * self._rate:
            written += self._waiting.pop(next(iter(self._waiting)))
        return self._spend(written, now, SHARE * self._rate)

    def rest(self) -> bytes:
        """All that waits, at the end."""
        left = b"".join(self._waiting.values())
        self._waiting.clear()
        return left

    def _before(self, data: bytes) -> bytes:
        """What has to stand before a message: the bank before the program."""
        if data[0] & 0xF0 != PROGRAM:
            return b""
        status = CONTROL | (data[0] & 0x0F)
        return b"".join(self._waiting.pop((status, number), b"") for number in BANK)

    def _spend(self, data: bytes, now: float, rate: float) -> bytes:
        """Count what is written."""
        if data:
            self._free = max(self._free, now) + len(data) / rate
        return data


def _key(data: bytes) -> Key | None:
    """What a message sets, if a later one makes it needless; None: nothing is like it."""
    kind = data[0] & 0xF0
    if kind in {CONTROL, POLY_PRESSURE}:
        return data[0], data[1]
    return (data[0], 0) if kind in {BEND, PRESSURE} else None
