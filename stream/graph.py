"""Which graphs are run at all: those made of what `export` makes, and of nothing else.

A voice may come from anywhere, and a graph is a program. So every byte of it is looked at before
onnxruntime sees it: a field of onnx.proto that voices do not use (functions, subgraphs, external
data, sparse tensors), an operator or a domain that they do not use, a tensor whose size is not the
size of its data, a division that could be one of whole numbers by zero: all of that is refused.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from stream.checked import shown
from stream.errors import VoiceError
from stream.protobuf import BYTES, FIXED32, VARINT, Field, fields, varint

OPSET = 18
OPERATORS = frozenset(
    (
        "Add", "ArgMax", "Cast", "Clip", "Concat", "Cos", "CumSum", "Div", "DynamicQuantizeLinear",
        "Equal", "Exp", "Gather", "GatherElements", "GatherND", "Gemm", "Greater",
        "GreaterOrEqual", "Less", "LessOrEqual", "LogSoftmax", "MatMul", "MatMulInteger", "Mod",
        "Mul", "Neg", "Pow", "ReduceMax", "ReduceMean", "ReduceSum", "Reshape", "Sigmoid", "Sin",
        "Slice", "Softmax", "Split", "Sqrt", "Sub", "Tanh", "TopK", "Unsqueeze", "Where",
    )
)  # fmt: skip
SIZED = ("Reshape", "TopK")
"""Operators that are told a size by their second input."""
PROPERTIES = frozenset(("onnx.infer", "perpetuum.corpus", "perpetuum", "perpetuum.seal"))
"""Metadata of a voice; onnxruntime takes its options from others."""
FLOAT, INT64 = 1, 7
ITEM_BYTES = {FLOAT: 4, 2: 1, 3: 1, 6: 4, INT64: 8, 9: 1}
"""Bytes of an element by `TensorProto.DataType`: float, uint8, int8, int32, int64, bool."""
MOST_NODES, MOST_DIMENSIONS = 4096, 8


class Part(NamedTuple):
    """A field of a message that voices use."""

    name: str
    wire: int
    made: Callable[[memoryview], Any]


class Many(Part):
    """One that may occur more than once; the others may not."""

    __slots__ = ()


Schema = Mapping[int, Part]


def check_graph(path: Path, data: bytes) -> None:
    """Raise `VoiceError` where the voice's graph is none that `export` makes."""
    try:
        _check_model(message(memoryview(data), MODEL))
    except ValueError as error:
        raise VoiceError(
            f"voice {path}: its graph is refused: {error}; take voices from a source you trust"
        ) from error


def message(data: memoryview, schema: Schema) -> dict[str, Any]:
    """The parts of a message by name, and nothing that is unknown. Raises `ValueError`."""
    found: dict[str, Any] = {p.name: [] for p in schema.values() if isinstance(p, Many)}
    for field in fields(data):
        part = schema.get(field.number)
        if part is None or part.wire != field.wire:
            raise ValueError(f"{_named(field)} is in no voice")
        if isinstance(part, Many):
            found[part.name].append(part.made(field.value))
        elif part.name in found:
            raise ValueError(f"{part.name} is there twice")
        else:
            found[part.name] = part.made(field.value)
    return found


def _named(field: Field) -> str:
    return f"field {field.number} of wire type {field.wire}"


def _text(value: memoryview) -> str:
    return str(value, "utf-8")


def _number(value: memoryview) -> int:
    number, _ = varint(value, 0)
    return number - 2**64 if number >> 63 else number


def _same(value: memoryview) -> memoryview:
    return value


def _external(_: memoryview) -> None:
    raise ValueError("its weights are to be read from another file")


PROPERTY: Schema = {1: Part("key", BYTES, _text), 2: Part("value", BYTES, _same)}
OPERATOR_SET: Schema = {1: Part("domain", BYTES, _text), 2: Part("version", VARINT, _number)}
DIMENSION: Schema = {1: Part("size", VARINT, _number), 2: Part("symbol", BYTES, _text)}
SHAPE: Schema = {1: Many("dims", BYTES, partial(message, schema=DIMENSION))}
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
    1: Many("dims", VARINT, _number),
    2: Part("data_type", VARINT, _number),
    4: Part("floats", BYTES, _same),
    5: Part("ints", BYTES, _same),
    7: Part("longs", BYTES, _same),
    8: Part("name", BYTES, _text),
    9: Part("raw", BYTES, _same),
    13: Many("external", BYTES, _external),
    14: Part("location", VARINT, _number),
}
ATTRIBUTE: Schema = {
    1: Part("name", BYTES, _text),
    2: Part("f", FIXED32, _same),
    3: Part("i", VARINT, _number),
    20: Part("type", VARINT, _number),
}
NODE: Schema = {
    1: Many("inputs", BYTES, _text),
    2: Many("outputs", BYTES, _text),
    3: Part("name", BYTES, _text),
    4: Part("operator", BYTES, _text),
    5: Many("attributes", BYTES, partial(message, schema=ATTRIBUTE)),
    7: Part("domain", BYTES, _text),
}
GRAPH: Schema = {
    1: Many("nodes", BYTES, partial(message, schema=NODE)),
    2: Part("name", BYTES, _text),
    5: Many("tensors", BYTES, partial(message, schema=TENSOR)),
    11: Many("inputs", BYTES, partial(message, schema=VALUE)),
    12: Many("outputs", BYTES, partial(message, schema=VALUE)),
    13: Many("values", BYTES, partial(message, schema=VALUE)),
}
MODEL: Schema = {
    1: Part("ir_version", VARINT, _number),
    2: Part("producer", BYTES, _text),
    3: Part("producer_version", BYTES, _text),
    7: Part("graph", BYTES, partial(message, schema=GRAPH)),
    8: Many("operator_sets", BYTES, partial(message, schema=OPERATOR_SET)),
    14: Many("properties", BYTES, partial(message, schema=PROPERTY)),
}
"""The fields of onnx.proto that voices use, by number."""


def _check_model(model: Mapping[str, Any]) -> None:
    versions = [(each.get("domain", ""), each.get("version")) for each in model["operator_sets"]]
    if versions != [("", OPSET)]:
        raise ValueError(f"its operators are {shown(versions)}, not the standard ones, {OPSET}")
    for each in model["properties"]:
        if each.get("key") not in PROPERTIES:
            raise ValueError(f"property {shown(each.get('key'))} is in no voice")
    graph = model.get("graph", {"nodes": []})
    if not 0 < len(graph["nodes"]) <= MOST_NODES:
        raise ValueError(f"it has no node, or more than {MOST_NODES}")
    for node in graph["nodes"]:
        _check_node(node)
    for tensor in graph["tensors"]:
        _check_tensor(tensor)
    for value in (*graph["inputs"], *graph["outputs"], *graph["values"]):
        _check_dimensions(
            [d.get("size", 0) for d in _array(value).get("shape", {"dims": []})["dims"]]
        )
    _check_divisions(graph)
    _check_sizes(graph)


def _check_node(node: Mapping[str, Any]) -> None:
    operator = node.get("operator", "")
    if node.get("domain") or operator not in OPERATORS:
        name = ".".join(filter(None, (node.get("domain"), operator)))
        raise ValueError(f"operator {shown(name)} is in no voice")
    if any(abs(each.get("i", 0)) > 2**31 for each in node["attributes"]):
        raise ValueError(f"a number of operator {operator} is absurd")


def _check_tensor(tensor: Mapping[str, Any]) -> None:
    """The elements that the dimensions tell are those that are there."""
    name, dims, kind = tensor.get("name"), tensor["dims"], tensor.get("data_type")
    if tensor.get("location") or kind not in ITEM_BYTES:
        raise ValueError(f"tensor {shown(name)} is of type {kind}, or elsewhere")
    _check_dimensions(dims)
    raw, floats = len(tensor.get("raw", b"")), len(tensor.get("floats", b""))
    packed = (_packed(tensor.get(name, b"")) for name in ("ints", "longs"))
    counts = [raw / ITEM_BYTES[kind], floats / 4, *packed]
    if sorted(counts) != [0, 0, 0, math.prod(dims)]:
        raise ValueError(f"tensor {shown(name)} is not of the size {shown(dims)}")


def _check_dimensions(dims: list[int]) -> None:
    if len(dims) > MOST_DIMENSIONS or not all(0 <= size < 2**31 for size in dims):
        raise ValueError(f"{shown(dims)} is no size of a tensor")


def _packed(numbers: memoryview | bytes) -> int:
    """How many numbers of variable length there are."""
    return len(bytes(numbers).translate(None, bytes(range(128, 256))))


def _array(value: Mapping[str, Any]) -> Any:
    return value.get("type", {}).get("array", {})


def _check_divisions(graph: Mapping[str, Any]) -> None:
    """A whole number divided by zero ends the process: no divisor may be one that changes."""
    makers = {name: node.get("operator") for node in graph["nodes"] for name in node["outputs"]}
    inputs = {value.get("name"): _array(value).get("data_type") for value in graph["inputs"]}
    tensors = {tensor.get("name"): tensor for tensor in graph["tensors"]}
    for node in graph["nodes"]:
        if node["operator"] in ("Div", "Mod"):
            divisor = node["inputs"][-1] if node["inputs"] else ""
            fractional = makers.get(divisor) == "Sqrt" or inputs.get(divisor) == FLOAT
            if not fractional and not _divides(tensors.get(divisor, {})):
                raise ValueError(f"operator {node['operator']} may divide by zero")


def _divides(tensor: Mapping[str, Any]) -> bool:
    """Whether a constant may be a divisor: fractions always, whole numbers above zero."""
    if tensor.get("data_type") == INT64:
        values = struct.iter_unpack("<q", tensor.get("raw", b""))
        return min((value for (value,) in values), default=0) > 0
    return tensor.get("data_type") == FLOAT


def _check_sizes(graph: Mapping[str, Any]) -> None:
    """Sizes, and the weights of a Gemm, are in the file: no input makes a graph grow."""
    tensors = {tensor.get("name"): tensor for tensor in graph["tensors"]}
    for node in graph["nodes"]:
        told = tensors.get("".join(node["inputs"][1:]), {})
        known = dict.fromkeys(SIZED, told.get("data_type") == INT64 and told.get("raw"))
        known["Gemm"] = tensors.keys() & node["inputs"][1:2]
        if not known.get(node["operator"], True):
            raise ValueError(f"operator {node['operator']} may make anything")
