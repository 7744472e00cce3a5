"""Which graphs are run at all: those made of what `export` makes, and of nothing else.

A voice may come from anywhere, and a graph is a program. So every byte of it is looked at before
onnxruntime sees it: a field of onnx.proto that voices do not use (functions, subgraphs, external
data, sparse tensors), an operator or a domain that they do not use, an operator that is told what
voices do not tell it, a tensor whose size is not the size of its data, a division that could be one
of whole numbers by zero: all of that is refused.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stream.errors import VoiceError
from stream.util.validate import shown
from stream.voices.onnx_fields import MODEL, message
from stream.voices.operators import FLOAT, INT64, ITEM_BYTES, check_node

OPSET = 18
PROPERTIES = frozenset(("onnx.infer", "perpetuum.corpus", "perpetuum", "perpetuum.seal"))
"""Metadata of a voice; onnxruntime takes its options from others."""


def check_graph(path: Path, data: bytes) -> None:
    """Raise `VoiceError` where the voice's graph is none that `export` makes."""
    try:
        _check_model(message(memoryview(data), MODEL))
    except ValueError as error:
        raise VoiceError(
            f"voice {path}: its graph is refused: {error}; take voices from a source you trust"
        ) from error


def _check_model(model: Mapping[str, Any]) -> None:
    versions = [(each.get("domain", ""), each.get("version")) for each in model["operator_sets"]]
    if versions != [("", OPSET)]:
        raise ValueError(f"its operators are {shown(versions)}, not the standard ones, {OPSET}")
    for each in model["properties"]:
        if each.get("key") not in PROPERTIES:
            raise ValueError(f"property {shown(each.get('key'))} is in no voice")
    if "graph" not in model or not model["graph"]["nodes"]:
        raise ValueError("it has no node")
    _check_contents(model["graph"])


def _check_contents(graph: Mapping[str, Any]) -> None:
    for tensor in graph["tensors"]:
        _check_tensor(tensor)
    for value in (*graph["inputs"], *graph["outputs"], *graph["values"]):
        shape = _array(value).get("shape", {"dims": []})
        _check_dimensions([dimension.get("size", 0) for dimension in shape["dims"]])
    tensors = {tensor.get("name"): tensor for tensor in graph["tensors"]}
    for node in graph["nodes"]:
        check_node(node, tensors)
    _check_divisions(graph, tensors)


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
    if not all(0 <= size < 2**31 for size in dims):
        raise ValueError(f"{shown(dims)} is no size of a tensor")


def _packed(numbers: memoryview | bytes) -> int:
    """How many numbers of variable length there are."""
    return len(bytes(numbers).translate(None, bytes(range(128, 256))))


def _array(value: Mapping[str, Any]) -> Any:
    return value.get("type", {}).get("array", {})


def _check_divisions(graph: Mapping[str, Any], tensors: Mapping[str, Any]) -> None:
    """A whole number divided by zero ends the process: no divisor may be one that changes."""
    makers = {name: node["operator"] for node in graph["nodes"] for name in node["outputs"]}
    inputs = {value.get("name"): _array(value).get("data_type") for value in graph["inputs"]}
    divisions = [node for node in graph["nodes"] if node["operator"] in ("Div", "Mod")]
    # Each divisor once: thousands of nodes may have the same, of millions of numbers.
    for divisor, operator in {node["inputs"][1]: node["operator"] for node in divisions}.items():
        fractional = makers.get(divisor) == "Sqrt" or inputs.get(divisor) == FLOAT
        if not fractional and not _divides(tensors.get(divisor, {})):
            raise ValueError(f"operator {operator} may divide by zero")


def _divides(tensor: Mapping[str, Any]) -> bool:
    """Whether a constant may be a divisor: fractions always, whole numbers above zero."""
    if tensor.get("data_type") == INT64:
        values = struct.iter_unpack("<q", tensor.get("raw", b""))
        return min((value for (value,) in values), default=0) > 0
    return tensor.get("data_type") == FLOAT
