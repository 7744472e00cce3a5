"""The part of the protobuf wire format that is needed to read a model and append properties.

A protobuf message may be continued by appending fields: a file stays a valid ONNX model with more
metadata behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

METADATA_FIELD = 14
"""`ModelProto.metadata_props` in onnx.proto."""
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
"""Wire types; ONNX files do not use the others, groups."""
SIZES = {FIXED64: 8, FIXED32: 4}
MOST_FIELDS = 2**15
"""Most fields in a message: each takes time, and a file of millions would take minutes."""
MOST_PROPERTIES, MOST_PARTS = 1024, 16
"""Most fields of a model and of a metadata property, among which a property is searched."""


class Field(NamedTuple):
    """One field of a message."""

    number: int
    wire: int
    start: int
    """Offset of the field in its message."""
    value: memoryview
    """The value as a view, so that a voice is not copied piece by piece."""
    end: int


def with_property(model: bytes, key: bytes, value: bytes) -> bytes:
    """Return the serialized ONNX model with one more metadata property."""
    return model + _field(METADATA_FIELD, _field(1, key) + _field(2, value))


def find_property(data: bytes, key: bytes) -> tuple[int, bytes]:
    """Return offset and value of a metadata property.

    Raises `LookupError` if there is no such property, `ValueError` if the bytes are not a message.
    """
    for field in fields(memoryview(data), MOST_PROPERTIES):
        if field.number == METADATA_FIELD:
            entry = {part.number: part.value for part in fields(field.value, MOST_PARTS)}
            if bytes(entry.get(1, b"")) == key:
                return field.start, bytes(entry[2])
    raise LookupError(f"no property named {key.decode()}")


def fields(data: memoryview, most: int = MOST_FIELDS) -> Iterator[Field]:
    """Yield the fields of a message. Raises `ValueError` if malformed or more than `most`."""
    at = count = 0
    while at < len(data):
        count += 1
        if count > most:
            raise ValueError(f"more than {most} fields")
        start = at
        tag, at = varint(data, at)
        size, at = _size(data, at, tag & 7)
        if at + size > len(data):
            raise ValueError(f"field at byte {start} runs past the end")
        yield Field(tag >> 3, tag & 7, start, data[at : at + size], at + size)
        at += size


def _size(data: memoryview, at: int, wire: int) -> tuple[int, int]:
    """Return the bytes of a field's value and where they start."""
    if wire == BYTES:
        return varint(data, at)
    if wire == VARINT:
        return varint(data, at)[1] - at, at
    if wire in SIZES:
        return SIZES[wire], at
    raise ValueError(f"wire type {wire} at byte {at}")


def varint(data: memoryview, at: int) -> tuple[int, int]:
    """Return a number of variable length, 64 bits at most, and its end."""
    if at < len(data) and data[at] < 0x80:  # the usual case
        return data[at], at + 1
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("truncated number")
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            if value >> 64:
                break
            return value, at
    raise ValueError("number too long")


def _field(number: int, value: bytes) -> bytes:
    """Return a length-delimited field."""
    return _number(number << 3 | BYTES) + _number(len(value)) + value


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
