"""Detects which knob or button a person moves, by the control changes that it sends.

A map needs knobs that send their position under a number of their own. Other knobs are refused
with a reason: one that sends NRPNs names its parameter in the messages before, and a relative knob
sends steps instead of positions.
"""

from __future__ import annotations

from dataclasses import dataclass

from stream.errors import InputError
from stream.midi_in.control_changes import CONTROL_CHANGE, PRESSED
from stream.midi_in.dispatcher import well_formed
from stream.midi_in.mapping import LAST_NUMBER
from stream.midi_in.targets import BUTTONS

TURNED = 3
"""Number of different values from a knob that was turned; a button sends two."""
COARSE = range(32)
"""Numbers of control changes that may carry the upper seven of 14 bits."""
FINE = 32
"""Offset from such a number to that of the lower seven bits."""
PARAMETER = (6, 38, 96, 97)
"""Numbers for the value of a parameter: coarse, fine, one step up, one step down."""
SELECTORS = range(98, 102)
"""Numbers for the halves of a parameter's number: NRPN 98 and 99, RPN 100 and 101."""
NO_PARAMETER = 127
"""Half of a parameter's number that deselects the parameter."""
FURTHEST = 15
"""Largest step of a relative knob that is turned fast."""
REPEATS = 2
"""Number of repeated values from which a knob may be relative."""
SURE = 5
"""Number of equal values that prove a relative knob; a position repeats a few times at most."""
MOST_VALUES = 128
"""Number of values of a knob that are stored."""

Knob = tuple[int, int]
"""Number and channel (1-16) of a control change."""


@dataclass(frozen=True, slots=True)
class StepEncoding:
    """An encoding of steps: `one` is the smallest step up, `minus_one` the smallest step down."""

    one: int
    minus_one: int

    def fits(self, values: set[int], repeats: int) -> bool:
        """Return True if the values, with so many repeats, are more likely steps than positions."""
        up = {self.one + size for size in range(FURTHEST)}
        direction = 1 if self.minus_one == 65 else -1
        down = {self.minus_one + direction * size for size in range(FURTHEST)}
        if not (values <= up | down and values & {self.one, self.minus_one}):
            return False
        return repeats >= REPEATS or bool(values & up and values & down)


ENCODINGS = (StepEncoding(1, 127), StepEncoding(65, 63), StepEncoding(1, 65))
"""Encodings as two's complement, relative to 64, and with a bit for the direction."""


class Learner:
    """Reads messages until a knob has been turned, or a button pressed, for `control`."""

    def __init__(self, control: str) -> None:
        self._button = control in BUTTONS
        self._values: dict[Knob, list[int]] = {}
        self._selected: set[int] = set()
        """Channels on which a parameter is selected."""
        self.doubt = ""
        """Reason why the knob that was moved last may be unsuitable; else empty."""

    def message(self, data: bytes) -> Knob | None:
        """Return the knob or button that is meant, once it is known.

        Raises `InputError` for a knob that is unsuitable.
        """
        if not well_formed(data) or data[0] & 0xF0 != CONTROL_CHANGE or data[1] > LAST_NUMBER:
            return None
        knob, value = (data[1], (data[0] & 0x0F) + 1), data[2]
        if data[1] in SELECTORS:
            self._select(knob[1], value)
            return None
        values = self._values.setdefault(knob, [])
        values.append(value)
        del values[:-MOST_VALUES]
        if data[1] in PARAMETER and knob[1] in self._selected:
            self._refuse(_parameter(knob[1]), is_sure=len(values) >= TURNED)
            return None
        if self._button:
            return knob if value >= PRESSED else None
        return self._turned(knob, values)

    def _select(self, channel: int, value: int) -> None:
        """Note a half of a parameter's number."""
        if value == NO_PARAMETER:
            self._selected.discard(channel)
        else:
            self._selected.add(channel)

    def _turned(self, knob: Knob, values: list[int]) -> Knob | None:
        """Return a knob that sends positions; one that may be relative has to send more values."""
        number, channel = knob
        coarse, fine = (number - FINE, channel), (number + FINE, channel)
        has_coarse = coarse[0] in COARSE and coarse in self._values
        has_fine = number in COARSE and fine in self._values
        different = set(values)
        repeats = len(values) - len(different)
        is_half = has_coarse or has_fine
        if not is_half and any(each.fits(different, repeats) for each in ENCODINGS):
            self._refuse(_steps(knob, different), is_sure=max(map(values.count, different)) >= SURE)
            return None
        if len(different) < TURNED:
            return None
        return coarse if has_coarse else knob

    def _refuse(self, reason: str, *, is_sure: bool) -> None:
        """Store the reason; raise `InputError` with it if it is sure."""
        self.doubt = reason
        if is_sure:
            raise InputError(reason)


def _steps(knob: Knob, values: set[int]) -> str:
    sent = ", ".join(map(str, sorted(values)))
    return (
        f"controller {knob[0]} on channel {knob[1]} sends steps, not positions ({sent}): it is a"
        " relative knob, or a button; set it to send absolute values, or turn another knob"
    )


def _parameter(channel: int) -> str:
    return (
        f"the knob sends a parameter (NRPN or RPN) on channel {channel}, not a control change;"
        " set it to send a control change (CC), or turn another knob"
    )
