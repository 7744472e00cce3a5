"""Learning which knob is meant: from what it sends while it is turned.

A map knows knobs that send their position under a number of their own. What sends in another way
is refused with a word: an NRPN names what it moves in messages before, and a relative knob tells
how far it was turned, not where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass

from stream.errors import InputError
from stream.midi_in.control_changes import CONTROL_CHANGE, PRESSED
from stream.midi_in.dispatcher import well_formed
from stream.midi_in.mapping import ACTIONS, LAST_NUMBER

TURNED = 3
"""Different values that a knob has sent once it was turned; a button has two."""
COARSE = range(32)
"""Controllers that may have 14 bits ..."""
FINE = 32
"""... whose lower seven come under a number so much higher."""
PARAMETER = (6, 38, 96, 97)
"""The value of a parameter, coarse and fine, and one step up or down of it ..."""
SELECTORS = range(98, 102)
"""... which is chosen before, by two halves: NRPN 98 and 99, RPN 100 and 101."""
NO_PARAMETER = 127
"""As a half: no parameter is chosen any more."""
FURTHEST = 15
"""A relative knob that is turned fast sends steps of so much at most."""
REPEATS = 2
"""Of the values of a knob, so many that came before: with them it may be relative ..."""
SURE = 5
"""... and with one value that came so often it is: a position is passed once, or trembled about."""

KEPT = 128
"""Values of a knob that are remembered."""

Knob = tuple[int, int]
"""Number and channel (1-16) of a controller."""


@dataclass(frozen=True, slots=True)
class Relative:
    """A way to send steps: `one` is the smallest up, `minus_one` down."""

    one: int
    minus_one: int

    def suits(self, values: set[int], repeats: int) -> bool:
        """Whether these, of which so many came again, look like steps rather than positions."""
        up = {self.one + more for more in range(FURTHEST)}
        toward = 1 if self.minus_one == 65 else -1
        down = {self.minus_one + toward * more for more in range(FURTHEST)}
        if not (values <= up | down and values & {self.one, self.minus_one}):
            return False
        return repeats >= REPEATS or bool(values & up and values & down)


WAYS = (Relative(1, 127), Relative(65, 63), Relative(1, 65))
"""Two's complement, around 64, and with a bit for the direction."""


class Learner:
    """Listens until a knob has been turned, or a button pressed, for what is to be learnt."""

    def __init__(self, control: str) -> None:
        self._button = control in ACTIONS
        self._values: dict[Knob, list[int]] = {}
        self._chosen: set[int] = set()
        """Channels on which a parameter is chosen."""
        self.doubt = ""
        """Why what was moved last may be nothing that can be learnt; empty: there is no doubt."""

    def message(self, data: bytes) -> Knob | None:
        """The controller that is meant, once it is known.

        Raises `InputError` for a knob that is turned and can not be learnt.
        """
        if not well_formed(data) or data[0] & 0xF0 != CONTROL_CHANGE or data[1] > LAST_NUMBER:
            return None
        knob, value = (data[1], (data[0] & 0x0F) + 1), data[2]
        if data[1] in SELECTORS:
            self._choose(knob[1], value)
            return None
        values = self._values.setdefault(knob, [])
        values.append(value)
        del values[:-KEPT]
        if data[1] in PARAMETER and knob[1] in self._chosen:
            self._doubt(_parameter(knob[1]), is_sure=len(values) >= TURNED)
            return None
        if self._button:
            return knob if value >= PRESSED else None
        return self._turned(knob, values)

    def _choose(self, channel: int, value: int) -> None:
        """A half of a parameter's number has come."""
        if value == NO_PARAMETER:
            self._chosen.discard(channel)
        else:
            self._chosen.add(channel)

    def _turned(self, knob: Knob, values: list[int]) -> Knob | None:
        """A knob that tells its position; one that may be relative is heard for longer."""
        number, channel = knob
        coarse, fine = (number - FINE, channel), (number + FINE, channel)
        has_coarse = coarse[0] in COARSE and coarse in self._values
        has_fine = number in COARSE and fine in self._values
        different = set(values)
        repeats = len(values) - len(different)
        is_half = has_coarse or has_fine
        if not is_half and any(way.suits(different, repeats) for way in WAYS):
            self._doubt(_steps(knob, different), is_sure=max(map(values.count, different)) >= SURE)
            return None
        if len(different) < TURNED:
            return None
        return coarse if has_coarse else knob

    def _doubt(self, reason: str, *, is_sure: bool) -> None:
        """Keep the reason; raise `InputError` where it is sure."""
        self.doubt = reason
        if is_sure:
            raise InputError(reason)


def _steps(knob: Knob, values: set[int]) -> str:
    sent = ", ".join(map(str, sorted(values)))
    return (
        f"controller {knob[0]} on channel {knob[1]} sends steps, not positions ({sent}): it is a"
        " relative knob, or a button; set it to send absolute values, or turn another one"
    )


def _parameter(channel: int) -> str:
    return (
        f"the knob sends a parameter (NRPN or RPN) on channel {channel}, no controller of its own;"
        " set it to send a control change (CC), or turn another one"
    )
