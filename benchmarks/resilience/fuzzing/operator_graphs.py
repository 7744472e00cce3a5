"""Voices with random nodes of every operator that voices use, of random types, shapes and numbers.

Most nodes fit their operator well enough to run: the others are refused, or fail to load, and never
reach the code that could crash. The outputs of the nodes are added to the voice's likelihood as
zero, so that the library cannot optimize them away.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import onnx
from onnx import helper, numpy_helper

from stream.voices import protobuf
from stream.voices.onnx_fields import MOST_INPUTS
from stream.voices.operators import FLOAT, INT64, OPERATORS, Operator
from stream.voices.spec import KEY, SEAL_KEY, with_seal

UINT8, INT8, INT32, BOOL = 2, 3, 6, 9
KINDS = {
    FLOAT: np.float32, INT64: np.int64, UINT8: np.uint8, INT8: np.int8, INT32: np.int32,
    BOOL: np.bool_,
}  # fmt: skip
LENGTHS = (0, 1, 1, 1, 2, 2, 2, 3, 5)
RANKS = (0, 1, 1, 2, 2, 2, 3, 4, 8)
NUMBERS = (0, 0, 1, 1, 1, 2, 3, -1, -1, -2, -3, 4, 7, -8, 8, -9, 64, 2**31 - 1, 2**31, -(2**63))
SMALL = (0, 1, 1, 1, 2, 2, 3, -1, -1, -2)
VALUES = (0, 0, 1, -1, 2, 3, 5, 127, 1e30, float("nan"), float("inf"))
NEW, WILD = 0.3, 0.05
"""Shares of inputs that are new constants, and of choices that ignore all constraints."""
MADE: Mapping[str, Sequence[int]] = {
    **dict.fromkeys(("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"), (BOOL,)),
    "ArgMax": (INT64,),
    "DynamicQuantizeLinear": (UINT8, FLOAT, UINT8),
    "MatMulInteger": (INT32,),
}
"""Types of outputs that differ from the type of the first input."""


class Value(NamedTuple):
    """A tensor of the graph by name."""

    name: str
    kind: int


class Pool:
    """The possible inputs of a random node: graph inputs, constants, outputs of other nodes."""

    def __init__(self, rng: random.Random, inputs: Sequence[Value]) -> None:
        self.rng = rng
        self.values = list(inputs)
        self.constants: list[onnx.TensorProto] = []
        self.nodes: list[onnx.NodeProto] = []

    def grow(self) -> None:
        """Add one node."""
        name = self.rng.choice(sorted(OPERATORS))
        operator = OPERATORS[name]
        count = self.rng.choice([n for n in operator.inputs if n < operator.inputs[0] + 4])
        kinds = _kinds(name, count, self.rng)
        inputs = [self._input(name, operator, place, kind) for place, kind in enumerate(kinds)]
        outputs = self._count(name, operator, inputs)
        attributes = {
            key: self._attribute(values)
            for key, values in operator.attributes.items()
            if self.rng.random() < 0.7 or key in {"axis", "to"}
        }
        if name == "Split":
            attributes.pop("num_outputs", None)
            attributes |= {} if len(inputs) > 1 else {"num_outputs": outputs}
        names = [f"random_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(name, inputs, names, **attributes))
        made = MADE.get(name) or [attributes.get("to", kinds[-1 if name == "Where" else 0])]
        for i, each in enumerate(names):
            self.values.append(Value(each, int(made[min(i, len(made) - 1)])))

    def constant(self, values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> str:
        """Add a constant, and return its name."""
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(values, name))
        return name

    def _input(self, name: str, operator: Operator, place: int, kind: int) -> str:
        if place in operator.integer_inputs and self.rng.random() > WILD:
            size = 1 if name in {"TopK", "CumSum", "Slice"} else self.rng.choice((1, 1, 2, 3))
            pool = [n for n in SMALL if n in operator.integer_inputs[place]]
            return self.constant(np.array([self.rng.choice(pool) for _ in range(size)]))
        divides = name in {"Div", "Mod"} and place == 1
        fitting = [v.name for v in self.values if v.kind == kind or self.rng.random() < WILD]
        if not fitting or divides or place in operator.constant_inputs or self.rng.random() < NEW:
            return self.constant(self._numbers(kind, above_zero=divides))
        return self.rng.choice(fitting[-6:])

    def _numbers(
        self, kind: int, *, above_zero: bool
    ) -> np.ndarray[tuple[int, ...], np.dtype[np.generic]]:
        shape = [self.rng.choice(LENGTHS) for _ in range(self.rng.choice(RANKS))]
        pool = (1, 2, 7) if above_zero else NUMBERS[:-3] if kind == INT64 else VALUES
        flat = [self.rng.choice(pool) for _ in range(int(np.prod(shape)))]
        with np.errstate(invalid="ignore"):
            wide = np.array(flat, np.int64 if kind == INT64 else np.float64)
            return np.asarray(wide.astype(KINDS[kind]).reshape(shape))

    def _count(self, name: str, operator: Operator, inputs: Sequence[str]) -> int:
        if name == "Split" and len(inputs) > 1:
            sizes = [t for t in self.constants if t.name == inputs[1]]
            return min(int(np.prod(sizes[0].dims)), MOST_INPUTS) if sizes else 1
        return operator.outputs[0] if len(operator.outputs) == 1 else self.rng.randint(1, 4)

    def _attribute(self, values: object) -> float:
        if values is None:
            return self.rng.choice((0.0, 0.5, 1.0, -2.0, 1e30, float("nan")))
        if self.rng.random() < WILD:
            return self.rng.choice(NUMBERS)
        return self.rng.choice([n for n in (*KINDS, *SMALL) if n in values])  # type: ignore[operator]


def _kinds(name: str, count: int, rng: random.Random) -> list[int]:
    """Return types of inputs that the operator accepts."""
    number = rng.choice((FLOAT, FLOAT, FLOAT, INT64, INT64, INT32))
    if name == "Where":
        return [BOOL, number, number]
    if name in {"Gather", "GatherElements", "GatherND"}:
        return [rng.choice((FLOAT, INT64, BOOL)), INT64]
    if name == "MatMulInteger":
        return [UINT8, rng.choice((UINT8, INT8)), UINT8, INT8][:count]
    if name in {"Cos", "Exp", "Sigmoid", "Sin", "Sqrt", "Tanh", "Softmax", "LogSoftmax", "Gemm"}:
        return [FLOAT] * count
    return [FLOAT if name == "DynamicQuantizeLinear" else number] * count


def operators(data: bytes, rng: random.Random) -> bytes:
    """Add one to eight random nodes to a voice's graph, and seal it again."""
    start, seal = (protobuf.find_property(data, key)[0] for key in (KEY, SEAL_KEY))
    model = onnx.load_from_string(data[:start])
    graph = model.graph
    inputs = [Value(each.name, each.type.tensor_type.elem_type) for each in graph.input]
    pool = Pool(rng, inputs)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5, 8))):
        pool.grow()
    graph.initializer.extend(pool.constants)
    graph.node.extend(pool.nodes)
    if rng.random() < 0.2:
        shape = [rng.choice((0, 1, 2, 3, "any")) for _ in range(rng.choice(RANKS))]
        value = helper.make_tensor_value_info(pool.values[-1].name, pool.values[-1].kind, shape)
        graph.value_info.append(value)
    _joined(graph, [value for value in pool.values if value not in inputs])
    return with_seal(model.SerializeToString() + data[start:seal])


def _joined(graph: onnx.GraphProto, values: Sequence[Value]) -> None:
    """Make the likelihood depend on the values, without changing it."""
    (made,) = [node for node in graph.node if "log_prob" in node.output]
    last = made.output[list(made.output).index("log_prob")] = "random_likely"
    graph.initializer.append(numpy_helper.from_array(np.float32(0), "random_nothing"))
    for i, value in enumerate(values):
        result = "log_prob" if value == values[-1] else f"random_likely_{i}"
        graph.node.extend(
            [
                helper.make_node("Cast", [value.name], [f"random_fraction_{i}"], to=FLOAT),
                helper.make_node(
                    "ReduceSum", [f"random_fraction_{i}"], [f"random_sum_{i}"], keepdims=0
                ),
                helper.make_node(
                    "Clip",
                    [f"random_sum_{i}", "random_nothing", "random_nothing"],
                    [f"random_nothing_{i}"],
                ),
                helper.make_node("Add", [last, f"random_nothing_{i}"], [result]),
            ]
        )
        last = result
