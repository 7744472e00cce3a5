import pathlib

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from stream.errors import VoiceError
from stream.voices import protobuf
from stream.voices.graph_check import OPSET, check_graph
from stream.voices.protobuf import with_property
from stream.voices.spec import shipped_voices

TINY = pathlib.Path(__file__).parents[2] / "data" / "tiny.onnx"
PATH = pathlib.Path("v.onnx")


def refusal(data):
    """Why the graph is refused; empty where it is not."""
    try:
        check_graph(PATH, data)
    except VoiceError as error:
        return str(error)
    return ""


def changed(change):
    model = onnx.load(TINY)
    change(model)
    return model.SerializeToString()


def node(model, operator):
    return next(n for n in model.graph.node if n.op_type == operator)


def divisor(model, operator):
    name = node(model, operator).input[1]
    return next(t for t in model.graph.initializer if t.name == name)


def test_voices_pass():
    paths = (TINY, *shipped_voices())
    assert [refusal(path.read_bytes()) for path in paths] == [""] * len(paths)
    assert {o.version for o in onnx.load(TINY).opset_import} == {OPSET}


def elsewhere(model):
    onnx.external_data_helper.set_external_data(model.graph.initializer[0], "/etc/passwd")


def elsewhere_unsaid(model):
    entry = model.graph.initializer[0].external_data.add()
    entry.key, entry.value = "location", "../weights"


def said_to_be_elsewhere(model):
    model.graph.initializer[0].data_location = TensorProto.EXTERNAL


def custom_domain(model):
    model.graph.node[0].domain = "com.example"


def custom_domain_imported(model):
    model.opset_import.append(helper.make_opsetid("com.microsoft", 1))


def another_version(model):
    model.opset_import[0].version = 6


def custom_operator(model):
    model.graph.node[0].op_type = "Upsample"


def loop(model):
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", ["a", "b"], ["c"], body=body))


def subgraph_of_a_known_operator(model):
    body = helper.make_graph([], "body", [], [])
    model.graph.node[0].attribute.append(helper.make_attribute("body", body))


def function(model):
    imports = [helper.make_opsetid("", OPSET)]
    model.functions.append(helper.make_function("", "Tanh", ["a"], ["b"], [], imports))


def tensor_attribute(model):
    tensor = helper.make_tensor("t", TensorProto.FLOAT, [1], [0.0])
    model.graph.node[0].attribute.append(helper.make_attribute("value", tensor))


def sparse(model):
    values = helper.make_tensor("s", TensorProto.FLOAT, [1], [0.0])
    places = helper.make_tensor("p", TensorProto.INT64, [1], [0])
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(values, places, [9]))


def training(model):
    model.training_info.add()


def larger_than_its_data(model):
    model.graph.initializer[0].dims.append(10**9)


def negative(model):
    model.graph.initializer[0].dims[:] = [-1, -1]


def text(model):
    model.graph.initializer.append(helper.make_tensor("t", TensorProto.STRING, [1], [b"x"]))


def double(model):
    model.graph.initializer.append(helper.make_tensor("t", TensorProto.DOUBLE, [1], [1.0]))


def zero_divisor(model):
    divisor(model, "Mod").raw_data = bytes(8)


def minus_one(model):
    divisor(model, "Mod").raw_data = b"\xff" * 8


def zero_divisor_elsewhere_in_the_tensor(model):
    divisor(model, "Mod").ClearField("raw_data")
    divisor(model, "Mod").int64_data[:] = [0]


def computed_divisor(model):
    node(model, "Mod").input[1] = "token_0"


def division_of_whole_numbers(model):
    node(model, "Div").input[1] = "token_0"


def absurd_axis(model):
    node(model, "Concat").attribute[0].i = -(2**63)


def every_pair(model):
    inputs = ["noise", "noise"]
    model.graph.node.append(helper.make_node("Gemm", inputs, ["pairs"], transA=1))


def reshaped_by_an_input(model):
    model.graph.node.append(helper.make_node("Reshape", ["latent", "token_0"], ["r"]))


def the_first_of_as_many_as_asked_for(model):
    model.graph.node.append(helper.make_node("TopK", ["latent", "token_0"], ["a", "b"]))


def reshaped_by_fractions(model):
    model.graph.initializer.append(helper.make_tensor("half", TensorProto.FLOAT, [1], [0.5]))
    model.graph.node.append(helper.make_node("Reshape", ["latent", "half"], ["r"]))


def options_in_metadata(model):
    model.metadata_props.add(key="ort_config", value="{}")


def a_flood_of_nodes(model):
    model.graph.node.extend([model.graph.node[0]] * 5000)


def no_tensor(model):
    model.graph.input[0].type.sequence_type.elem_type.tensor_type.elem_type = 1


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (elsewhere, "its weights are in another file"),
        (elsewhere_unsaid, "its weights are in another file"),
        (said_to_be_elsewhere, "is of type 1, or stored elsewhere"),
        (custom_domain, "operator 'com.example."),
        (custom_domain_imported, "its operator sets are [('', 18), ('com.microsoft', 1)]"),
        (another_version, "its operator sets are [('', 6)] instead of the standard one, 18"),
        (custom_operator, "unknown operator 'Upsample'"),
        (loop, "unknown field 6 of wire type 2"),
        (subgraph_of_a_known_operator, "unknown field 6 of wire type 2"),
        (function, "unknown field 25 of wire type 2"),
        (tensor_attribute, "unknown field 5 of wire type 2"),
        (sparse, "unknown field 15 of wire type 2"),
        (training, "unknown field 20 of wire type 2"),
        (larger_than_its_data, "does not have the shape"),
        (negative, "invalid tensor shape [-1, -1]"),
        (text, "unknown field 6 of wire type 2"),
        (double, "unknown field 10 of wire type 2"),
        (zero_divisor, "operator Mod may divide by zero"),
        (minus_one, "operator Mod may divide by zero"),
        (zero_divisor_elsewhere_in_the_tensor, "operator Mod may divide by zero"),
        (computed_divisor, "operator Mod may divide by zero"),
        (division_of_whole_numbers, "operator Div may divide by zero"),
        (absurd_axis, "attribute axis of operator Concat is -9223372036854775808"),
        (every_pair, "operator Gemm needs a constant input"),
        (reshaped_by_an_input, "operator Reshape needs a constant input"),
        (the_first_of_as_many_as_asked_for, "operator TopK needs a constant input"),
        (reshaped_by_fractions, "operator Reshape needs a constant input"),
        (options_in_metadata, "unknown property 'ort_config'"),
        (a_flood_of_nodes, "it has more than 4096 nodes"),
        (no_tensor, "unknown field 4 of wire type 2"),
    ],
)
def test_what_no_voice_holds_is_refused(change, reason):
    assert refusal(changed(change)).startswith("voice v.onnx: its graph is refused: ")
    assert reason in refusal(changed(change))


def test_a_shape_that_the_file_tells_is_taken():
    def flat(model):
        tensor = numpy_helper.from_array(np.array([-1, 4]), "flat")
        model.graph.initializer.append(tensor)
        model.graph.node.append(helper.make_node("Reshape", ["latent", "flat"], ["r"]))

    assert refusal(changed(flat)) == ""


def test_a_graph_may_not_be_given_in_two_parts():
    """Protobuf would join them: each half could hide what the other makes of it."""
    half = onnx.ModelProto(graph=onnx.load(TINY).graph).SerializeToString()
    assert "graph occurs twice" in refusal(TINY.read_bytes() + half)


def test_constants_are_divisors_where_they_are_above_zero_or_fractions():
    def thirds(model):
        tensor = numpy_helper.from_array(numpy_helper.to_array(divisor(model, "Mod")) + 1, "three")
        model.graph.initializer.append(tensor)
        node(model, "Mod").input[1] = "three"
        half = helper.make_tensor("half", TensorProto.FLOAT, [], [0.5])
        model.graph.initializer.append(half)
        node(model, "Div").input[1] = "half"

    assert refusal(changed(thirds)) == ""


@given(st.data())
def test_any_damage_is_refused_or_harmless(data):
    """Whatever a byte becomes: nothing but `VoiceError`, in one line."""
    content = bytearray(TINY.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, 6000))] = data.draw(st.integers(0, 255))
    assert refusal(bytes(content)).isprintable()


@given(st.binary(max_size=60))
def test_noise_is_refused(noise):
    assert "its graph is refused" in refusal(noise)
    assert "its graph is refused" in refusal(with_property(noise, b"perpetuum", b"{}"))


def nested(*numbers):
    """A message in a message and so on, by field numbers, around what is inside."""

    def put(content):
        for number in reversed(numbers):
            content = protobuf._field(number, content)
        return content

    return put


@pytest.mark.parametrize(
    ("place", "piece", "most", "what"),
    [
        (nested(), b"\x42\0", 8, "operator_sets"),
        (nested(), b"\x72\0", 8, "properties"),
        (nested(7), b"\x0a\0", 4096, "nodes"),
        (nested(7), b"\x2a\0", 4096, "tensors"),
        (nested(7), b"\x5a\0", 64, "inputs"),
        (nested(7), b"\x62\0", 64, "outputs"),
        (nested(7), b"\x6a\0", 8192, "values"),
        (nested(7, 1), b"\x0a\0", 64, "inputs"),
        (nested(7, 1), b"\x12\0", 64, "outputs"),
        (nested(7, 1), b"\x2a\0", 8, "attributes"),
        (nested(7, 5), b"\x08\0", 8, "dims"),
        (nested(7, 11, 2, 1, 2), b"\x0a\0", 8, "dims"),
    ],
)
def test_a_flood_of_tiny_fields_is_refused_at_the_first_too_many(place, piece, most, what):
    assert "more than" not in refusal(place(piece * most))
    told = refusal(place(piece * (most + 1)))
    assert f"its graph is refused: it has more than {most} {what}; " in told
    told = refusal(place(piece * 2**16))
    assert f"its graph is refused: it has more than {most} {what}; " in told


@pytest.mark.parametrize(
    "place", [nested(7, 1), nested(7, 5), nested(7, 11), nested(14), nested(8)]
)
def test_what_is_there_once_is_not_there_twice(place):
    """Protobuf lets the last one count: it need not be the one that is looked at."""
    twice = {1: b"\x22\0", 5: b"\x10\0", 11: b"\x0a\0", 14: b"\x0a\0", 8: b"\x10\0"}
    (piece,) = [twice[n] for n in twice if place(b"") == nested(7, n)(b"")] or [
        twice[n] for n in twice if place(b"") == nested(n)(b"")
    ]
    assert "occurs twice" in refusal(place(piece * 2))
    assert "occurs twice" not in refusal(place(piece))


def test_a_model_has_a_graph_and_that_has_nodes():
    model = onnx.load(TINY)
    del model.graph.node[:]
    assert "its graph is refused: it has no nodes; " in refusal(model.SerializeToString())
    model.ClearField("graph")
    assert "its graph is refused: it has no nodes; " in refusal(model.SerializeToString())


@pytest.mark.parametrize("kind", ["input", "output", "value_info"])
def test_sizes_of_values_are_sizes(kind):
    def told(*shape):
        value = helper.make_tensor_value_info("v", TensorProto.FLOAT, shape)
        return refusal(changed(lambda model: getattr(model.graph, kind).append(value)))

    assert told(0, 1, "any", 2**31 - 1) == told() == told(*[2] * 8) == ""
    assert "invalid tensor shape [1, -1]" in told(1, -1)
    assert "invalid tensor shape [2147483648]" in told(2**31)
    assert "it has more than 8 dims" in told(*[2] * 9)


def put(**fields):
    """Why a tensor of these fields is refused."""
    tensor = TensorProto(name="t", **fields)
    return refusal(changed(lambda model: model.graph.initializer.append(tensor)))


@pytest.mark.parametrize(
    ("kind", "size"),
    [("FLOAT", 4), ("UINT8", 1), ("INT8", 1), ("INT32", 4), ("INT64", 8), ("BOOL", 1)],
)
def test_a_tensor_has_the_elements_that_its_dimensions_tell(kind, size):
    kind = TensorProto.DataType.Value(kind)
    assert put(data_type=kind, dims=[2, 3], raw_data=bytes(6 * size)) == ""
    assert put(data_type=kind, dims=[], raw_data=bytes(size)) == ""
    assert put(data_type=kind, dims=[0, 3], raw_data=b"") == ""
    assert put(data_type=kind, dims=[0]) == ""
    for count in (6 * size - 1, 6 * size + 1, 5 * size, 7 * size, 0):
        told = put(data_type=kind, dims=[2, 3], raw_data=bytes(count))
        assert "tensor 't' does not have the shape [2, 3]" in told, count


def test_a_tensor_may_hold_its_numbers_one_by_one():
    floats, whole, wide = TensorProto.FLOAT, TensorProto.INT32, TensorProto.INT64
    assert put(data_type=floats, dims=[2], float_data=[0.5, 1]) == ""
    assert put(data_type=whole, dims=[3], int32_data=[1, 300, -1]) == ""
    assert put(data_type=wide, dims=[3], int64_data=[1, 300, -1]) == ""
    for size in (1, 3):
        assert "does not have the shape" in put(data_type=floats, dims=[size], float_data=[0.5, 1])
        assert "does not have the shape" in put(data_type=wide, dims=[size], int64_data=[2**40, -1])
        assert "does not have the shape" in put(data_type=whole, dims=[size], int32_data=[300, -1])


def test_a_tensor_holds_its_numbers_in_one_place():
    wide = {"data_type": TensorProto.INT64, "dims": [1]}
    assert put(**wide, raw_data=bytes(8)) == put(**wide, int64_data=[1]) == ""
    assert "does not have the shape" in put(**wide, raw_data=bytes(8), int64_data=[1])
    assert "does not have the shape" in put(**wide, int32_data=[1], int64_data=[1])
    assert "does not have the shape" in put(**wide, raw_data=bytes(4), float_data=[1.0])


@pytest.mark.parametrize("kind", [*range(4, 6), 8, *range(10, 24)])
def test_tensors_of_other_types_are_refused(kind):
    assert f"tensor 't' is of type {kind}, or stored elsewhere" in put(data_type=kind, dims=[0])


def test_a_tensor_says_that_it_is_here():
    assert put(data_type=1, dims=[0], data_location=0) == ""
    assert "is of type 1, or stored elsewhere" in put(data_type=1, dims=[0], data_location=1)


@pytest.mark.parametrize("operator", ["Div", "Mod"])
def test_what_may_be_a_divisor(operator):
    def told(name):
        def divide(model):
            inputs = [("fraction", 1), ("whole", 7), ("narrow", 6)]
            for each, kind in inputs:
                model.graph.input.append(helper.make_tensor_value_info(each, kind, [1]))
            for each, values in {
                "positive": np.array([1, 2**62]), "zero": np.array([1, 0]), "half": np.float32(0.5),
                "negative": np.array([-1, 5]), "none": np.zeros(0, np.int64),
                "small": np.array([1], np.int32), "byte": np.array([1], np.uint8),
            }.items():  # fmt: skip
                model.graph.initializer.append(numpy_helper.from_array(np.array(values), each))
            model.graph.node.append(helper.make_node("Sqrt", ["latent"], ["root"]))
            model.graph.node.append(helper.make_node("Tanh", ["latent"], ["bent"]))
            # Another division before it, of what may divide: each is looked at.
            model.graph.node.append(helper.make_node(operator, ["zero", "positive"], ["q"]))
            model.graph.node.append(helper.make_node(operator, ["zero", name], ["quotient"]))

        return refusal(changed(divide))

    for name in ("fraction", "root", "positive", "half"):
        assert told(name) == "", name
    for name in ("whole", "narrow", "zero", "negative", "none", "small", "byte", "bent", "nix", ""):
        assert f"operator {operator} may divide by zero" in told(name), name


def test_the_properties_of_a_voice_and_no_others():
    def told(key):
        return refusal(changed(lambda model: model.metadata_props.add(key=key, value="{}")))

    for key in ("onnx.infer", "perpetuum.corpus", "perpetuum", "perpetuum.seal"):
        assert told(key) == ""
    assert "unknown property 'session'" in told("session")
    assert "unknown property ''" in told("")
    unnamed = refusal(TINY.read_bytes() + protobuf._field(14, b""))
    assert "unknown property None" in unnamed


def test_the_operators_are_those_of_one_version():
    def none(model):
        del model.opset_import[:]

    def twice(model):
        model.opset_import.add(domain="", version=OPSET)

    assert "its operator sets are [] instead of the standard one, 18" in refusal(changed(none))
    assert "its operator sets are [('', 18), ('', 18)]" in refusal(changed(twice))
    assert "its operator sets are [('', 17)]" in refusal(changed(
        lambda model: setattr(model.opset_import[0], "version", 17)
    ))  # fmt: skip
