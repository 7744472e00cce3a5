"""Protocol buffer messages as lists of their fields, to be changed and encoded again."""

from __future__ import annotations

import random
from collections.abc import Callable

from stream.voices import protobuf
from stream.voices.onnx_fields import MODEL, Schema
from stream.voices.protobuf import BYTES

Part = tuple[int, int, bytes]
"""A field: number, wire type and value."""


def parts_of(data: bytes) -> list[Part]:
    """Return the fields of a message. Raises `ValueError` if the bytes are not a message."""
    return [(f.number, f.wire, bytes(f.value)) for f in protobuf.fields(memoryview(data))]


def encoded(parts: list[Part]) -> bytes:
    """Return the message of these fields."""
    out = bytearray()
    for number, wire, value in parts:
        out += varint(number << 3 | wire)
        out += (varint(len(value)) if wire == BYTES else b"") + value
    return bytes(out)


def varint(value: int) -> bytes:
    """Encode a number of at most 64 bits as protocol buffers do."""
    value %= 2**64
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def changed(
    data: bytes,
    schema: Schema,
    rng: random.Random,
    change: Callable[[Part, random.Random], list[Part]],
) -> bytes:
    """Return the message with one field changed somewhere in its graph."""
    parts = parts_of(data)
    if not parts:
        return data
    graphs = [i for i, part in enumerate(parts) if schema is MODEL and part[0] == 7]
    at = rng.choice(graphs) if graphs and rng.random() < 0.95 else rng.randrange(len(parts))
    number, wire, value = parts[at]
    inner = (
        getattr(schema[number].parse, "keywords", {}).get("schema") if number in schema else None
    )
    if inner is not None and value and (schema is MODEL or rng.random() < 0.9):
        try:
            parts[at] = number, wire, changed(value, inner, rng, change)
        except ValueError:  # an earlier change has damaged this message
            return data
    else:
        parts[at : at + 1] = change(parts[at], rng)
    return encoded(parts)
