"""An allow-list for graphs: only what `export` produces is run.

A voice may come from an untrusted source, and a graph is a program. So every byte of it is checked
before onnxruntime reads it. Refused are a field of onnx.proto that voices do not use (functions,
subgraphs, external data, sparse tensors), an operator, domain or attribute value that they do not
use, a tensor whose size differs from that of its data, and a division that could be an integer
division by zero.
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
"""Metadata keys of a voice; onnxruntime takes its options from others."""


def check_graph(path: Path, data: bytes) -> None:
    """Raise `VoiceError` if `export` would not produce the voice's graph."""
    try:
        _check_model(message(memoryview(data), MODEL))
    except ValueError as error:
        raise VoiceError(
            f"voice {path}: its graph is refused: {error}; take voices from a source you trust"
        ) from error


def _check_model(model: Mapping[str, Any]) -> None:
    versions = [(each.get("domain", ""), each.get("version")) for each in model["operator_sets"]]
    if versions != [("", OPSET)]:
        raise ValueError(
            f"its operator sets are {shown(versions)} instead of the standard one, {OPSET}"
        )
    for each in model["properties"]:
        if each.get("key") not in PROPERTIES:
            raise ValueError(f"unknown property {shown(each.get('key'))}")
    if "graph" not in model or not model["graph"]["nodes"]:
        raise ValueError("it has no nodes")
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
    """Check that a tensor has as many elements as its dimensions say."""
    name, dims, kind = tensor.get("name"), tensor["dims"], tensor.get("data_type")
    if tensor.get("location") or kind not in ITEM_BYTES:
        raise ValueError(f"tensor {shown(name)} is of type {kind}, or stored elsewhere")
    _check_dimensions(dims)
    raw, floats = len(tensor.get("raw", b"")), len(tensor.get("floats", b""))
    packed = (_packed(tensor.get(name, b"")) for name in ("ints", "longs"))
    counts = [raw / ITEM_BYTES[kind], floats / 4, *packed]
    if sorted(counts) != [0, 0, 0, math.prod(dims)]:
        raise ValueError(f"tensor {shown(name)} does not have the shape {shown(dims)}")


def _check_dimensions(dims: list[int]) -> None:
    if not all(0 <= size < 2**31 for size in dims):
        raise ValueError(f"invalid tensor shape {shown(dims)}")


def _packed(numbers: memoryview | bytes) -> int:
    """Return how many numbers of variable length there are."""
    return len(bytes(numbers).translate(None, bytes(range(128, 256))))


def _array(value: Mapping[str, Any]) -> Any:
    return value.get("type", {}).get("array", {})


def _check_divisions(graph: Mapping[str, Any], tensors: Mapping[str, Any]) -> None:
    """Check that no divisor can change: an integer division by zero ends the process."""
    makers = {name: node["operator"] for node in graph["nodes"] for name in node["outputs"]}
    inputs = {value.get("name"): _array(value).get("data_type") for value in graph["inputs"]}
    divisions = [node for node in graph["nodes"] if node["operator"] in ("Div", "Mod")]
    # Each divisor once: thousands of nodes may have the same, of millions of numbers.
    for divisor, operator in {node["inputs"][1]: node["operator"] for node in divisions}.items():
        fractional = makers.get(divisor) == "Sqrt" or inputs.get(divisor) == FLOAT
        if not fractional and not _divides(tensors.get(divisor, {})):
            raise ValueError(f"operator {operator} may divide by zero")


def _divides(tensor: Mapping[str, Any]) -> bool:
    """Return True for a valid constant divisor: any floats, whole numbers above zero."""
    if tensor.get("data_type") == INT64:
        values = struct.iter_unpack("<q", tensor.get("raw", b""))
        return min((value for (value,) in values), default=0) > 0
    return tensor.get("data_type") == FLOAT
