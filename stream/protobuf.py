"""As much of the protobuf wire format as it takes to read and append properties of a model file.

A protobuf message may be continued by appending fields: a file stays a valid ONNX model with more
metadata behind it.
"""

from __future__ import annotations

from collections.abc import Iterator

METADATA_FIELD = 14
"""`ModelProto.metadata_props` in onnx.proto."""


def with_property(model: bytes, key: bytes, value: bytes) -> bytes:
    """The serialised ONNX model with one more metadata property."""
    return model + _field(METADATA_FIELD, _field(1, key) + _field(2, value))


def find_property(data: bytes, key: bytes) -> tuple[int, bytes]:
    """Offset and value of a metadata property.

    Raises `LookupError` where there is none, `ValueError` where the bytes are no message.
    """
    # Views: a voice is not copied piece by piece only to be looked through.
    for number, start, value in _fields(memoryview(data)):
        if number == METADATA_FIELD:
            entry = {n: bytes(v) for n, _, v in _fields(value)}
            if entry.get(1) == key:
                return start, entry[2]
    raise LookupError(f"no property named {key.decode()}")


def _fields(data: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Number, offset and value of each field of a message; `ValueError` if malformed."""
    at = 0
    while at < len(data):
        start = at
        tag, at = _varint(data, at)
        size, at = _size(data, at, tag & 7)
        if at + size > len(data):
            raise ValueError(f"field at byte {start} runs past the end")
        yield tag >> 3, start, data[at : at + size]
        at += size


def _size(data: memoryview, at: int, wire_type: int) -> tuple[int, int]:
    """Bytes of a field's value and where they start."""
    if wire_type == 2:
        return _varint(data, at)
    if wire_type == 0:
        return _varint(data, at)[1] - at, at
    if wire_type in (1, 5):
        return (8 if wire_type == 1 else 4), at
    raise ValueError(f"wire type {wire_type} at byte {at}")


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("truncated number")
        value |= (data[at] & 0x7F) << shift
        at += 1
        if data[at - 1] < 0x80:
            return value, at
    raise ValueError("number too long")


def _field(number: int, value: bytes) -> bytes:
    """A length-delimited field."""
    return _number(number << 3 | 2) + _number(len(value)) + value


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
