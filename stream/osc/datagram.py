"""Conversion between datagrams and OSC messages. Anything that is not OSC is ignored."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Any

from stream.osc.decoding import Malformed, Message, message

BUNDLE = b"#bundle\0"
HEADER_BYTES = 16
"""Size of a bundle's header: its name and a time, which is ignored."""
MOST_BYTES = 8192
"""Size limit of a datagram that is read."""
MOST_MESSAGES = 256
"""Most messages and bundles that are read from one datagram."""
TEXT_BYTES = 1000
"""Size limit of a text that is sent."""
MOST = 3.4e38
"""Largest number that fits into the four bytes of an OSC number."""


def messages(datagram: bytes) -> list[Message]:
    """Return the well-formed messages of a datagram, including those of nested bundles."""
    found: list[Message] = []
    for part in _parts(datagram):
        try:
            found.append(message(part))
        except Malformed:
            continue
    return found


def _parts(datagram: bytes) -> Iterator[bytes]:
    """Yield the bytes of each message in order.

    The bundle reader of the library is not used: a crafted datagram makes it hang.
    """
    pending = [datagram] if len(datagram) <= MOST_BYTES else []
    for _ in range(MOST_MESSAGES):
        if not pending:
            return
        part = pending.pop()
        if part.startswith(BUNDLE):
            pending += reversed(list(_elements(part)))
        elif part.startswith(b"/"):
            yield part


def _elements(bundle: bytes) -> Iterator[bytes]:
    at = HEADER_BYTES
    while at + 4 <= len(bundle):
        (size,) = struct.unpack_from(">i", bundle, at)
        if not 0 < size <= len(bundle) - at - 4:
            return
        yield bundle[at + 4 : at + 4 + size]
        at += 4 + size


def datagram(address: str, values: Sequence[Any]) -> bytes:
    """Return the datagram of a message of whole numbers, numbers and texts."""
    from pythonosc.osc_message_builder import OscMessageBuilder

    builder = OscMessageBuilder(address)
    for value in values:
        if isinstance(value, str):
            # A NUL ends a text in OSC: bytes after it would be read as another argument.
            content = value.partition("\0")[0].encode(errors="replace")[:TEXT_BYTES]
            text = content.decode(errors="ignore")
            builder.add_arg(text, OscMessageBuilder.ARG_TYPE_STRING)
        elif isinstance(value, int):
            builder.add_arg(int(value), OscMessageBuilder.ARG_TYPE_INT)
        else:
            number = min(max(float(value), -MOST), MOST)
            builder.add_arg(number, OscMessageBuilder.ARG_TYPE_FLOAT)
    return bytes(builder.build().dgram)
