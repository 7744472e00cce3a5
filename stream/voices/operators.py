"""The operators that voices use, with the inputs and attributes that each may have.

onnxruntime trusts much of what a node declares: an attribute out of range or an extra output can
end the process. So each operator has a row: how many inputs and outputs it may have, which
attributes with which values, and which of its inputs are whole numbers that the file itself holds,
such as axes and sizes. So no input at run time can make an array grow.
"""

from __future__ import annotations

import struct
from collections.abc import Container, Mapping
from typing import Any, NamedTuple

from stream.util.validate import shown
from stream.voices.onnx_fields import MOST_DIMENSIONS, MOST_INPUTS

FLOAT, INT64 = 1, 7
"""Values of `TensorProto.DataType`."""
ITEM_BYTES = {FLOAT: 4, 2: 1, 3: 1, 6: 4, INT64: 8, 9: 1}
"""Bytes of an element by `TensorProto.DataType`: float, uint8, int8, int32, int64, bool."""
IS_FLOAT, IS_INT = 1, 2
"""Values of `AttributeProto.AttributeType`."""
FLAG = (0, 1)
AXIS = range(-MOST_DIMENSIONS, MOST_DIMENSIONS)
SIZE = range(2**31)
SIZE_OR_REST = range(-1, 2**31)
BOUND = range(-(2**63), 2**63)
ANY_FRACTION = None

Values = Container[int] | None
"""Whole numbers that an attribute may have; `ANY_FRACTION` for any float."""


class Operator(NamedTuple):
    """The allowed nodes of one operator."""

    inputs: range
    """Allowed numbers of inputs."""
    outputs: range = range(1, 2)
    attributes: Mapping[str, Values] = {}
    integer_inputs: Mapping[int, Container[int]] = {}
    """Inputs, by index, that are constants of whole numbers, and the values allowed."""
    constant_inputs: tuple[int, ...] = ()
    """Inputs, by index, that are constants of any type."""


ONE, TWO, ONE_OR_TWO, THREE = range(1, 2), range(2, 3), range(1, 3), range(3, 4)
UNARY, BINARY = Operator(ONE), Operator(TWO)
REDUCTION = Operator(
    ONE_OR_TWO,
    attributes={"keepdims": FLAG, "noop_with_empty_axes": FLAG},
    integer_inputs={1: AXIS},
)
OPERATORS: Mapping[str, Operator] = {
    **dict.fromkeys(("Cos", "Exp", "Neg", "Sigmoid", "Sin", "Sqrt", "Tanh"), UNARY),
    **dict.fromkeys(("Add", "Div", "Equal", "Greater", "GreaterOrEqual", "Less"), BINARY),
    **dict.fromkeys(("LessOrEqual", "MatMul", "Mul", "Pow", "Sub"), BINARY),
    **dict.fromkeys(("ReduceMax", "ReduceMean", "ReduceSum"), REDUCTION),
    **dict.fromkeys(("LogSoftmax", "Softmax"), Operator(ONE, attributes={"axis": AXIS})),
    "ArgMax": Operator(ONE, attributes={"axis": AXIS, "keepdims": FLAG, "select_last_index": FLAG}),
    "Cast": Operator(ONE, attributes={"to": ITEM_BYTES}),
    "Clip": Operator(range(1, 4)),
    "Concat": Operator(range(1, MOST_INPUTS + 1), attributes={"axis": AXIS}),
    "CumSum": Operator(
        TWO, attributes={"exclusive": FLAG, "reverse": FLAG}, integer_inputs={1: AXIS}
    ),
    "DynamicQuantizeLinear": Operator(ONE, outputs=THREE),
    "Gather": Operator(TWO, attributes={"axis": AXIS}),
    "GatherElements": Operator(TWO, attributes={"axis": AXIS}),
    "GatherND": Operator(TWO, attributes={"batch_dims": (0,)}),
    "Gemm": Operator(
        range(2, 4),
        attributes={"alpha": ANY_FRACTION, "beta": ANY_FRACTION, "transA": FLAG, "transB": FLAG},
        constant_inputs=(1,),
    ),
    "MatMulInteger": Operator(range(2, 5)),
    "Mod": Operator(TWO, attributes={"fmod": FLAG}),
    "Reshape": Operator(TWO, attributes={"allowzero": FLAG}, integer_inputs={1: SIZE_OR_REST}),
    "Slice": Operator(range(3, 6), integer_inputs={1: BOUND, 2: BOUND, 3: AXIS, 4: BOUND}),
    "Split": Operator(
        ONE_OR_TWO,
        outputs=range(1, MOST_INPUTS + 1),
        attributes={"axis": AXIS, "num_outputs": range(1, MOST_INPUTS + 1)},
        integer_inputs={1: SIZE},
    ),
    "TopK": Operator(
        TWO,
        outputs=TWO,
        attributes={"axis": AXIS, "largest": FLAG, "sorted": FLAG},
        integer_inputs={1: SIZE},
    ),
    "Unsqueeze": Operator(TWO, integer_inputs={1: AXIS}),
    "Where": Operator(THREE),
}

Node = Mapping[str, Any]
Tensors = Mapping[str, Mapping[str, Any]]


def check_node(node: Node, tensors: Tensors) -> None:
    """Raise `ValueError` for a node that no voice has; `tensors` are the graph's constants."""
    name = node.get("operator", "")
    operator = OPERATORS.get(name)
    if node.get("domain") or operator is None:
        full = ".".join(filter(None, (node.get("domain"), name)))
        raise ValueError(f"unknown operator {shown(full)}")
    for role, counts in (("inputs", operator.inputs), ("outputs", operator.outputs)):
        if len(node[role]) not in counts:
            raise ValueError(f"operator {name} has {len(node[role])} {role}")
    _check_attributes(node, operator)
    _check_constants(node, operator, tensors)
    if name == "Split":
        _check_split(node, tensors)


def _check_attributes(node: Node, operator: Operator) -> None:
    """Check that each attribute is known, has an allowed type and value, and occurs once."""
    name = node["operator"]
    found = [each.get("name", "") for each in node["attributes"]]
    for attribute, each in zip(found, node["attributes"], strict=True):
        if attribute not in operator.attributes or found.count(attribute) > 1:
            raise ValueError(
                f"operator {name} has an unknown or repeated attribute {shown(attribute)}"
            )
        values = operator.attributes[attribute]
        if values is ANY_FRACTION:
            fits = (each.get("type"), each.keys() & {"f", "i"}) == (IS_FLOAT, {"f"})
        else:
            # A number that is 0 may be left out.
            fits = each.get("type") == IS_INT and "f" not in each and each.get("i", 0) in values
        if not fits:
            raise ValueError(
                f"attribute {attribute} of operator {name} is {shown(each.get('i', 0))}"
            )


def _check_constants(node: Node, operator: Operator, tensors: Tensors) -> None:
    """Check that inputs that must be constants are in the file, with allowed values."""
    for index in operator.constant_inputs:
        if node["inputs"][index] not in tensors:
            raise ValueError(f"operator {node['operator']} needs a constant input")
    for index, values in operator.integer_inputs.items():
        numbers = _numbers(node, index, tensors)
        if any(number not in values for number in numbers):
            raise ValueError(
                f"operator {node['operator']} has a constant out of range: {shown(numbers)}"
            )


def _numbers(node: Node, index: int, tensors: Tensors) -> list[int]:
    """Return the whole numbers that an input of a node holds; empty if it is left out."""
    name = "".join(node["inputs"][index : index + 1])
    tensor = tensors.get(name, {})
    if name and not (tensor.get("data_type") == INT64 and "raw" in tensor):
        raise ValueError(f"operator {node['operator']} needs a constant input")
    raw = tensor.get("raw", b"")
    if len(raw) > MOST_INPUTS * ITEM_BYTES[INT64]:
        raise ValueError(
            f"operator {node['operator']} has a constant of more than {MOST_INPUTS} numbers"
        )
    return [number for (number,) in struct.iter_unpack("<q", raw)]


def _check_split(node: Node, tensors: Tensors) -> None:
    """Check that the outputs are as many as the node declares, by number or by sizes."""
    declared = [
        each.get("i", 0) for each in node["attributes"] if each.get("name") == "num_outputs"
    ]
    if sizes := _numbers(node, 1, tensors):
        declared.append(len(sizes))
    if declared != [len(node["outputs"])]:
        raise ValueError(
            f"operator Split declares {shown(declared)} outputs and has {len(node['outputs'])}"
        )
