"""What each operator may be told: the rules of `stream.voices.operators`, one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from stream.voices.onnx_fields import NODE, TENSOR, message
from stream.voices.operators import OPERATORS, check_node

CONSTANTS = {
    "one": np.array([1]),
    "axis": np.array([-1]),
    "beyond": np.array([8]),
    "before": np.array([-9]),
    "pair": np.array([2, 1]),
    "negative": np.array([3, -1]),
    "rest": np.array([-1, 4]),
    "minus two": np.array([-2, 4]),
    "most": np.array([2**31 - 1]),
    "too many": np.array([2**31]),
    "least": np.array([-(2**63)]),
    "long": np.zeros(65, np.int64),
    "as long": np.zeros(64, np.int64),
    "half": np.array([0.5], np.float32),
    "narrow": np.array([1], np.int32),
    "empty": np.zeros(0, np.int64),
}
FEWEST = {name: operator.inputs[0] for name, operator in OPERATORS.items()}


def tensors():
    made = {}
    for name, values in CONSTANTS.items():
        proto = numpy_helper.from_array(values, name)
        made[name] = message(memoryview(proto.SerializeToString()), TENSOR)
    spread = helper.make_tensor("spread", TensorProto.INT64, [1], [1])
    made["spread"] = message(memoryview(spread.SerializeToString()), TENSOR)
    return made


TENSORS = tensors()


def why(operator, inputs, outputs=1, **attributes):
    """Why the node is refused; empty where it is not."""
    names = [f"y{i}" for i in range(outputs)]
    node = helper.make_node(operator, inputs, names, **attributes)
    return judged(node)


def judged(node):
    try:
        check_node(message(memoryview(node.SerializeToString()), NODE), TENSORS)
    except ValueError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("operator", "least", "most"),
    [
        *((name, 1, 1) for name in ("Cos", "Exp", "Neg", "Sigmoid", "Sin", "Sqrt", "Tanh")),
        *((name, 2, 2) for name in ("Add", "Div", "Equal", "Greater", "GreaterOrEqual", "Less")),
        *((name, 2, 2) for name in ("LessOrEqual", "MatMul", "Mul", "Pow", "Sub", "Mod")),
        *((name, 1, 2) for name in ("ReduceMax", "ReduceMean", "ReduceSum")),
        *((name, 1, 1) for name in ("ArgMax", "LogSoftmax", "Softmax")),
        ("Cast", 1, 1), ("Clip", 1, 3), ("Concat", 1, 64), ("CumSum", 2, 2),
        ("DynamicQuantizeLinear", 1, 1), ("Gather", 2, 2), ("GatherElements", 2, 2),
        ("GatherND", 2, 2), ("Gemm", 2, 3), ("MatMulInteger", 2, 4), ("Reshape", 2, 2),
        ("Slice", 3, 5), ("TopK", 2, 2), ("Unsqueeze", 2, 2), ("Where", 3, 3),
    ],
)  # fmt: skip
def test_inputs_and_outputs_are_as_many_as_the_operator_takes(operator, least, most):
    outputs = {"TopK": 2, "DynamicQuantizeLinear": 3}.get(operator, 1)
    for count in range(most + 2):
        told = why(operator, ["one"] * count, outputs)
        fits = least <= count <= most
        refused = told.startswith((f"operator {operator} has {count} inputs", "it has more than"))
        assert refused != fits or count > 64, (count, told)
        assert not fits or not told, (count, told)
    for count in {0, outputs - 1, outputs + 1}:
        assert why(operator, ["one"] * least, count) == f"operator {operator} has {count} outputs"


def test_every_operator_is_looked_at():
    listed = {name for name, *_ in test_inputs_and_outputs_are_as_many_as_the_operator_takes
              .pytestmark[0].args[1]}  # fmt: skip
    assert {*listed, "Split"} == OPERATORS.keys()


FLAG, AXIS = (0, 1), (-8, 7)
ATTRIBUTES = [
    *((name, {"axis": AXIS}) for name in ("Concat", "Gather", "GatherElements")),
    *((name, {"axis": AXIS}) for name in ("LogSoftmax", "Softmax")),
    *((name, {"keepdims": FLAG, "noop_with_empty_axes": FLAG})
      for name in ("ReduceMax", "ReduceMean", "ReduceSum")),
    ("ArgMax", {"axis": AXIS, "keepdims": FLAG, "select_last_index": FLAG}),
    ("CumSum", {"exclusive": FLAG, "reverse": FLAG}),
    ("GatherND", {"batch_dims": (0, 0)}),
    ("Gemm", {"transA": FLAG, "transB": FLAG}),
    ("Mod", {"fmod": FLAG}),
    ("Reshape", {"allowzero": FLAG}),
    ("TopK", {"axis": AXIS, "largest": FLAG, "sorted": FLAG}),
]  # fmt: skip


@pytest.mark.parametrize(("operator", "attributes"), ATTRIBUTES)
def test_attributes_have_the_values_that_they_may_have(operator, attributes):
    inputs, outputs = ["one"] * FEWEST[operator], 2 if operator == "TopK" else 1
    for name, (low, high) in attributes.items():
        for value in (low, high):
            assert why(operator, inputs, outputs, **{name: value}) == ""
        for value in (low - 1, high + 1, 2**31, -(2**63)):
            told = why(operator, inputs, outputs, **{name: value})
            assert told == f"attribute {name} of operator {operator} is {value}"
        assert f"attribute {name} of operator {operator}" in why(
            operator, inputs, outputs, **{name: 0.0}
        )


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_attributes_that_an_operator_does_not_have_are_refused(operator):
    outputs = {"TopK": 2, "DynamicQuantizeLinear": 3}.get(operator, 1)
    inputs = ["one"] * FEWEST[operator]
    told = why(operator, inputs, outputs, strange=0)
    assert told == f"operator {operator} has an unknown or repeated attribute 'strange'"


def test_an_attribute_is_there_once():
    node = helper.make_node("Concat", ["a"], ["b"], axis=1)
    node.attribute.append(helper.make_attribute("axis", 0))
    assert judged(node) == "operator Concat has an unknown or repeated attribute 'axis'"


def test_an_attribute_says_its_type():
    """One that holds a number of one type and says another would be read as nobody knows what."""
    node = helper.make_node("Gemm", ["a", "one"], ["b"], alpha=0.5, transA=1)
    assert judged(node) == ""
    for attribute, kind in ((0, "INT"), (1, "FLOAT"), (0, "STRING"), (1, "INTS")):
        other = helper.make_node("Gemm", ["a", "one"], ["b"], alpha=0.5, transA=1)
        other.attribute[attribute].type = kind
        assert judged(other).startswith("attribute "), (attribute, kind)
    node.attribute[0].i = 1
    assert judged(node) == "attribute alpha of operator Gemm is 1"
    node.attribute[0].ClearField("i")
    node.attribute[1].f = 0.5
    assert judged(node) == "attribute transA of operator Gemm is 1"
    node.attribute[1].ClearField("f")
    node.attribute[1].ClearField("i")  # a number that is 0 is not written
    assert judged(node) == ""
    node.attribute[0].ClearField("f")
    assert judged(node) == "attribute alpha of operator Gemm is 0"


@pytest.mark.parametrize("kind", range(17))
def test_what_may_be_cast(kind):
    assert (why("Cast", ["a"], to=kind) == "") == (kind in {1, 2, 3, 6, 7, 9})


KNOWN = [
    ("Reshape", 1, 1, {"rest", "one", "most", "as long", "empty", "axis"}),
    ("TopK", 1, 2, {"one", "most", "as long", "empty"}),
    ("Unsqueeze", 1, 1, {"one", "axis", "as long", "empty", "negative", "pair"}),
    ("CumSum", 1, 1, {"one", "axis"}),
    ("ReduceSum", 1, 1, {"one", "axis", ""}),
    ("ReduceMax", 1, 1, {"one", "axis", ""}),
    ("ReduceMean", 1, 1, {"one", "axis", ""}),
    ("Slice", 1, 1, {"one", "least", "most", "too many"}),
    ("Slice", 2, 1, {"one", "least", "most", "too many"}),
    ("Slice", 3, 1, {"one", "axis", ""}),
    ("Slice", 4, 1, {"one", "least", "most", "too many", ""}),
]
REFUSED = {
    "Reshape": {"minus two", "too many", "least", "long"},
    "TopK": {"axis", "negative", "rest", "too many", "least", "long"},
    "Slice": {"long"},
    "Slice3": {"beyond", "before", "long", "most"},
}
AXES = {"beyond", "before", "long", "most"}
SAME = {"half", "narrow", "spread", "the music"}


@pytest.mark.parametrize(("operator", "place", "outputs", "taken"), KNOWN)
def test_sizes_and_axes_are_constants_in_the_file(operator, place, outputs, taken):
    inputs = ["one"] * (5 if operator == "Slice" else 2)

    def told(name):
        return why(operator, [*inputs[:place], name, *inputs[place + 1 :]], outputs)

    assert [name for name in taken if told(name)] == []
    key = "Slice3" if (operator, place) == ("Slice", 3) else operator
    for name in REFUSED.get(key, AXES):
        assert told(name).startswith(f"operator {operator} has a constant "), name
    for name in SAME:
        assert told(name) == f"operator {operator} needs a constant input", name


def test_the_weights_of_a_gemm_are_in_the_file():
    assert why("Gemm", ["a", "half"]) == ""
    assert why("Gemm", ["one", "a"]) == "operator Gemm needs a constant input"
    assert why("Gemm", ["one", "a", "one"]) == "operator Gemm needs a constant input"


@pytest.mark.parametrize(
    ("sizes", "outputs", "number", "fits"),
    [
        ("pair", 2, None, True), ("pair", 1, None, False), ("pair", 3, None, False),
        (None, 3, 3, True), (None, 1, 1, True), (None, 64, 64, True),
        (None, 3, 2, False), (None, 2, 3, False), (None, 1, 0, False), (None, 1, -1, False),
        (None, 1, None, False), (None, 2, None, False), ("pair", 2, 2, False),
        ("pair", 3, 3, False), ("empty", 1, None, False), ("", 2, 2, True),
        ("negative", 2, None, False), ("half", 1, None, False), ("the music", 1, None, False),
        ("too many", 1, None, False), ("most", 1, None, True),
    ],
)  # fmt: skip
def test_a_split_makes_as_many_as_it_says(sizes, outputs, number, fits):
    attributes = {} if number is None else {"num_outputs": number}
    inputs = ["a"] if sizes is None else ["a", sizes]
    assert (why("Split", inputs, outputs, axis=1, **attributes) == "") == fits


def test_other_operators_and_domains_are_refused():
    assert why("Loop", ["a"]) == "unknown operator 'Loop'"
    assert why("Tanh", ["a"], domain="com.x") == "unknown operator 'com.x.Tanh'"
    assert why("", ["a"]) == "unknown operator ''"


@given(st.sampled_from(sorted(OPERATORS)), st.data())
def test_any_node_is_judged(operator, data):
    """Whatever a node holds, the answer is yes, or `ValueError` with one line."""
    names = st.lists(st.sampled_from([*CONSTANTS, "", "a"]), max_size=6)
    attributes = st.dictionaries(
        st.sampled_from(["axis", "to", "batch_dims", "num_outputs", "keepdims", "alpha", "x"]),
        st.integers(-(2**63), 2**63 - 1) | st.floats(width=32, allow_nan=False),
    )
    told = why(operator, data.draw(names), data.draw(st.integers(0, 4)), **data.draw(attributes))
    assert told.isprintable()
