"""The fields of onnx.proto that voices use; a model that holds any other field is refused.

Each field has a maximum count: a file of millions of tiny fields is refused at the first one too
many, and takes neither time nor memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from stream.voices.protobuf import BYTES, FIXED32, VARINT, Field, fields, varint

MOST_NODES, MOST_TENSORS, MOST_VALUES = 4096, 4096, 8192
MOST_DIMENSIONS = 8
MOST_INPUTS = 64
"""Most inputs of an operator, and of a graph; as many outputs."""
MOST_ATTRIBUTES = 8
MOST_PROPERTIES = 8


class Part(NamedTuple):
    """A field of a message that voices use."""

    name: str
    wire: int
    parse: Callable[[memoryview], Any]
    most: int = 1
    """Most occurrences of the field; a field that may occur only once is not a list."""


Schema = Mapping[int, Part]


def message(data: memoryview, schema: Schema) -> dict[str, Any]:
    """Return the parts of a message by name. Raises `ValueError` for an unknown one."""
    found: dict[str, Any] = {p.name: [] for p in schema.values() if p.most > 1}
    for field in fields(data):
        part = schema.get(field.number)
        if part is None or part.wire != field.wire:
            raise ValueError(f"unknown {_label(field)}")
        if part.most > 1:
            if len(found[part.name]) == part.most:
                raise ValueError(f"it has more than {part.most} {part.name}")
            found[part.name].append(part.parse(field.value))
        elif part.name in found:
            raise ValueError(f"{part.name} occurs twice")
        else:
            found[part.name] = part.parse(field.value)
    return found


def _label(field: Field) -> str:
    return f"field {field.number} of wire type {field.wire}"


def _text(value: memoryview) -> str:
    return str(value, "utf-8")


def _number(value: memoryview) -> int:
    number, _ = varint(value, 0)
    return number - 2**64 if number >> 63 else number


def _same(value: memoryview) -> memoryview:
    return value


def _external(_: memoryview) -> None:
    raise ValueError("its weights are in another file")


PROPERTY: Schema = {1: Part("key", BYTES, _text), 2: Part("value", BYTES, _same)}
OPERATOR_SET: Schema = {1: Part("domain", BYTES, _text), 2: Part("version", VARINT, _number)}
DIMENSION: Schema = {1: Part("size", VARINT, _number), 2: Part("symbol", BYTES, _text)}
SHAPE: Schema = {1: Part("dims", BYTES, partial(message, schema=DIMENSION), MOST_DIMENSIONS)}
ARRAY: Schema = {
    1: Part("data_type", VARINT, _number),
    2: Part("shape", BYTES, partial(message, schema=SHAPE)),
}
TYPE: Schema = {1: Part("array", BYTES, partial(message, schema=ARRAY))}
VALUE: Schema = {
    1: Part("name", BYTES, _text),
    2: Part("type", BYTES, partial(message, schema=TYPE)),
}
TENSOR: Schema = {
    1: Part("dims", VARINT, _number, MOST_DIMENSIONS),
    2: Part("data_type", VARINT, _number),
    4: Part("floats", BYTES, _same),
    5: Part("ints", BYTES, _same),
    7: Part("longs", BYTES, _same),
    8: Part("name", BYTES, _text),
    9: Part("raw", BYTES, _same),
    13: Part("external", BYTES, _external),
    14: Part("location", VARINT, _number),
}
ATTRIBUTE: Schema = {
    1: Part("name", BYTES, _text),
    2: Part("f", FIXED32, _same),
    3: Part("i", VARINT, _number),
    20: Part("type", VARINT, _number),
}
NODE: Schema = {
    1: Part("inputs", BYTES, _text, MOST_INPUTS),
    2: Part("outputs", BYTES, _text, MOST_INPUTS),
    3: Part("name", BYTES, _text),
    4: Part("operator", BYTES, _text),
    5: Part("attributes", BYTES, partial(message, schema=ATTRIBUTE), MOST_ATTRIBUTES),
    7: Part("domain", BYTES, _text),
}
GRAPH: Schema = {
    1: Part("nodes", BYTES, partial(message, schema=NODE), MOST_NODES),
    2: Part("name", BYTES, _text),
    5: Part("tensors", BYTES, partial(message, schema=TENSOR), MOST_TENSORS),
    11: Part("inputs", BYTES, partial(message, schema=VALUE), MOST_INPUTS),
    12: Part("outputs", BYTES, partial(message, schema=VALUE), MOST_INPUTS),
    13: Part("values", BYTES, partial(message, schema=VALUE), MOST_VALUES),
}
MODEL: Schema = {
    1: Part("ir_version", VARINT, _number),
    2: Part("producer", BYTES, _text),
    3: Part("producer_version", BYTES, _text),
    7: Part("graph", BYTES, partial(message, schema=GRAPH)),
    8: Part("operator_sets", BYTES, partial(message, schema=OPERATOR_SET), MOST_PROPERTIES),
    14: Part("properties", BYTES, partial(message, schema=PROPERTY), MOST_PROPERTIES),
}
"""The fields of a model."""
