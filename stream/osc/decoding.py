"""Strict decoder of one OSC message.

A message that is truncated, has bytes after its last argument, or contains an unknown type is
rejected as a whole, because a part of it would be a different message. The decoder of the
library reads a missing number as 0 and skips unknown types.
"""

from __future__ import annotations

import struct
from typing import Any

Message = tuple[str, tuple[Any, ...]]
"""An address and the arguments."""

ALIGNMENT = 4
NUMBERS = {"i": ">i", "h": ">q", "f": ">f", "d": ">d"}
"""Types of numbers and their formats for `struct`."""
CONSTANTS = {"T": True, "F": False}
"""Types that are values themselves and have no bytes."""
TEXTS = frozenset({"s", "S"})
"""Types of texts."""


class Malformed(Exception):  # noqa: N818 (caught one level up and never shown)
    """The bytes are not a message that this module understands."""


class _Reader:
    """Reader of values from the front of bytes. Raises `Malformed`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def text(self) -> str:
        """Read a text with its final zero and the zeros that pad it to a multiple of four bytes."""
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
        """Read an argument of the type `kind`."""
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
        """Raise `Malformed` if bytes are left."""
        if self._at != len(self._data):
            raise Malformed


def message(data: bytes) -> Message:
    """Return the message in `data`. Raises `Malformed` for anything else.

    The types of the arguments are required even if there are none (`,`): without them a message
    looks like one that was truncated after its address.
    """
    reader = _Reader(data)
    address, kinds = reader.text(), reader.text()
    if not (address.startswith("/") and kinds.startswith(",")):
        raise Malformed
    arguments = tuple(reader.value(kind) for kind in kinds[1:])
    reader.end()
    return address, arguments
