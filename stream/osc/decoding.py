"""One OSC message as its bytes say it, or none at all.

A message that is cut short, goes on behind its last argument, or holds a type that is not known
here is refused as a whole: read in part it would say something that nobody has sent. The library's
own reader takes a number that is missing for 0, and passes over types that it does not know.
"""

from __future__ import annotations

import struct
from typing import Any

Message = tuple[str, tuple[Any, ...]]
"""An address and the arguments."""

ALIGNMENT = 4
NUMBERS = {"i": ">i", "h": ">q", "f": ">f", "d": ">d"}
"""Types of numbers, and how they are packed."""
CONSTANTS = {"T": True, "F": False}
"""Types that are their own value and take no bytes."""
TEXTS = frozenset({"s", "S"})


class Malformed(Exception):  # noqa: N818 (it is caught one level up and never shown)
    """The bytes are no message that is understood here."""


class _Reader:
    """Takes values from the front of some bytes. Raises `Malformed`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def text(self) -> str:
        """A text with its end and the zeros that fill it up to a multiple of four bytes."""
        end = self._data.find(b"\0", self._at)
        if end < 0:
            raise Malformed
        following = end + ALIGNMENT - end % ALIGNMENT
        padding = self._data[end:following]
        if len(padding) != following - end or any(padding):
            raise Malformed
        content, self._at = self._data[self._at : end], following
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise Malformed from error

    def value(self, kind: str) -> Any:
        """An argument of the type `kind`."""
        if kind in CONSTANTS:
            return CONSTANTS[kind]
        if kind in TEXTS:
            return self.text()
        if kind not in NUMBERS:
            raise Malformed
        try:
            (number,) = struct.unpack_from(NUMBERS[kind], self._data, self._at)
        except struct.error as error:
            raise Malformed from error
        self._at += struct.calcsize(NUMBERS[kind])
        return number

    def end(self) -> None:
        """There must be nothing more."""
        if self._at != len(self._data):
            raise Malformed


def message(data: bytes) -> Message:
    """The message in `data`. Raises `Malformed` for anything else.

    The types of the arguments must be given, also where there are none (`,`): without them a
    message could not be told from one that was cut off behind its address.
    """
    reader = _Reader(data)
    address, kinds = reader.text(), reader.text()
    if not (address.startswith("/") and kinds.startswith(",")):
        raise Malformed
    arguments = tuple(reader.value(kind) for kind in kinds[1:])
    reader.end()
    return address, arguments
