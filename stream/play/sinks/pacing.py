"""Decides when a slow line gets which message: notes at once, controllers if there is room. Pure.

A DIN line carries about a thousand messages a second; turning knobs by OSC or through an input may
send several times as many. What exceeds the line's rate would wait in buffers, and delay the notes
behind it. So only the last value of each waiting controller is sent, and notes overtake them.
"""

from __future__ import annotations

POLY_PRESSURE, CONTROL, PROGRAM, PRESSURE, BEND = 0xA0, 0xB0, 0xC0, 0xD0, 0xE0
BANK = (0, 32)
"""Controllers that choose the bank of the program change after them."""
CONTROLLER_SECONDS = 0.005
"""Seconds of controllers that may be on the line; a note waits no longer than this."""
SHARE = 0.8
"""Share of the line that controllers may fill, because its clock may differ and notes must pass."""

Key = tuple[int, int]


class Pacer:
    """Paces an output to a line of `rate` bytes a second. Callers pass the time (s, monotonic)."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._line_free_at = 0.0
        """Time at which all that was written has left the machine."""
        self._waiting: dict[Key, bytes] = {}
        """The last value of each waiting controller, in the order of arrival."""

    @property
    def deadline(self) -> float | None:
        """Time at which `due` has something to write; None: nothing waits."""
        return self._line_free_at if self._waiting else None

    def send(self, data: bytes, now: float) -> bytes:
        """Return the bytes to write when this message is sent."""
        key = _key(data)
        if key is None:
            return self._count_written(self._bank_change(data) + data, now, self._rate)
        if (
            not self._waiting
            and max(self._line_free_at - now, 0.0) + len(data) / self._rate < CONTROLLER_SECONDS
        ):
            return self._count_written(data, now, SHARE * self._rate)
        self._waiting.pop(key, None)
        self._waiting[key] = data
        return self.due(now)

    def send_first(self, data: bytes, now: float) -> bytes:
        """Return what to write for a message that must not wait; it replaces one that waits."""
        key = _key(data)
        if key is not None:
            self._waiting.pop(key, None)
        return self._count_written(data, now, self._rate)

    def due(self, now: float) -> bytes:
        """Return those of the waiting messages that may be written now."""
        written = b""
        while (
            self._waiting
            and now >= self._line_free_at
            and len(written) < CONTROLLER_SECONDS * self._rate
        ):
            written += self._waiting.pop(next(iter(self._waiting)))
        return self._count_written(written, now, SHARE * self._rate)

    def take_waiting(self) -> bytes:
        """Return all waiting messages, at the end."""
        waiting = b"".join(self._waiting.values())
        self._waiting.clear()
        return waiting

    def _bank_change(self, data: bytes) -> bytes:
        """Return what has to precede a message: the bank before the program."""
        if data[0] & 0xF0 != PROGRAM:
            return b""
        status = CONTROL | (data[0] & 0x0F)
        return b"".join(self._waiting.pop((status, number), b"") for number in BANK)

    def _count_written(self, data: bytes, now: float, rate: float) -> bytes:
        """Count what is written, and return it."""
        if data:
            self._line_free_at = max(self._line_free_at, now) + len(data) / rate
        return data


def _key(data: bytes) -> Key | None:
    """Return what a message sets, if a later one replaces it; None: it cannot be replaced."""
    kind = data[0] & 0xF0
    if kind in {CONTROL, POLY_PRESSURE}:
        return data[0], data[1]
    return (data[0], 0) if kind in {BEND, PRESSURE} else None
