"""A graph with fewer nodes gives the very same numbers."""

import copy

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from export.step_graph.lean import lean

K = 4
TABLE = np.arange(12, dtype=np.float32).reshape(4, 3) / 7
LAST, ONE, ZERO = (
    numpy_helper.from_array(np.array(v), n) for v, n in (([-1], "last"), (1, "one"), (0, "zero"))
)
STACK = [
    helper.make_node("Unsqueeze", ["a", "last"], ["a1"]),
    helper.make_node("Unsqueeze", ["b", "last"], ["b1"]),
    helper.make_node("Concat", ["a1", "b1"], ["rows"], axis=1),
]
GRAPHS = {
    "looked up": [
        helper.make_node("Unsqueeze", ["at", "last"], ["places"]),
        helper.make_node("GatherND", ["table", "places"], ["out"]),
    ],
    "selected": [*STACK, helper.make_node("Gather", ["rows", "one"], ["out"], axis=1)],
    "added": [*STACK, helper.make_node("ReduceSum", ["rows", "last"], ["out"], keepdims=0)],
}
WHOLE = [*STACK, helper.make_node("ReduceSum", ["rows"], ["out"], keepdims=0)]


def model(nodes, rank):
    """`out` of rank `rank`, of rows a and b and whole numbers at."""
    rows = [helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, ["K"]) for n in "ab"]
    at = helper.make_tensor_value_info("at", onnx.TensorProto.INT64, ["K"])
    out = helper.make_tensor_value_info("out", onnx.TensorProto.FLOAT, [None] * rank)
    known = [numpy_helper.from_array(TABLE, "table"), LAST, ONE, ZERO]
    graph = helper.make_graph(nodes, "g", [*rows, at], [out], known)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)])
    made.ir_version = 10
    return made


def run(made):
    rng = np.random.default_rng(1)
    given = {n: rng.normal(size=K).astype(np.float32) for n in "ab"} | {"at": rng.integers(0, 4, K)}
    session = onnxruntime.InferenceSession(made.SerializeToString())
    return session.run(["out"], {i.name: given[i.name] for i in session.get_inputs()})[0]


@pytest.mark.parametrize(("name", "rank"), [("looked up", 2), ("selected", 1), ("added", 1)])
def test_it_is_the_same_with_fewer_nodes(name, rank):
    before = model(GRAPHS[name], rank)
    after = lean(copy.deepcopy(before))
    assert len(after.graph.node) < len(before.graph.node)
    np.testing.assert_array_equal(run(after), run(before))


def test_the_sum_of_everything_stays():
    before = model(WHOLE, 0)
    after = lean(copy.deepcopy(before))
    assert len(after.graph.node) == len(before.graph.node)
    np.testing.assert_array_equal(run(after), run(before))
