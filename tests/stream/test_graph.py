import pathlib

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from stream import protobuf
from stream.errors import VoiceError
from stream.graph import OPSET, check_graph
from stream.protobuf import with_property
from stream.voice import shipped_voices

TINY = pathlib.Path(__file__).parents[1] / "data" / "tiny.onnx"
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
        (elsewhere, "its weights are to be read from another file"),
        (elsewhere_unsaid, "its weights are to be read from another file"),
        (said_to_be_elsewhere, "is of type 1, or elsewhere"),
        (custom_domain, "operator 'com.example."),
        (custom_domain_imported, "its operators are [('', 18), ('com.microsoft', 1)]"),
        (another_version, "its operators are [('', 6)], not the standard ones, 18"),
        (custom_operator, "operator 'Upsample' is in no voice"),
        (loop, "field 6 of wire type 2 is in no voice"),
        (subgraph_of_a_known_operator, "field 6 of wire type 2 is in no voice"),
        (function, "field 25 of wire type 2 is in no voice"),
        (tensor_attribute, "field 5 of wire type 2 is in no voice"),
        (sparse, "field 15 of wire type 2 is in no voice"),
        (training, "field 20 of wire type 2 is in no voice"),
        (larger_than_its_data, "is not of the size"),
        (negative, "[-1, -1] is no size of a tensor"),
        (text, "field 6 of wire type 2 is in no voice"),
        (double, "field 10 of wire type 2 is in no voice"),
        (zero_divisor, "operator Mod may divide by zero"),
        (minus_one, "operator Mod may divide by zero"),
        (zero_divisor_elsewhere_in_the_tensor, "operator Mod may divide by zero"),
        (computed_divisor, "operator Mod may divide by zero"),
        (division_of_whole_numbers, "operator Div may divide by zero"),
        (absurd_axis, "attribute axis of operator Concat is -9223372036854775808"),
        (every_pair, "operator Gemm may make anything"),
        (reshaped_by_an_input, "operator Reshape may make anything"),
        (the_first_of_as_many_as_asked_for, "operator TopK may make anything"),
        (reshaped_by_fractions, "operator Reshape may make anything"),
        (options_in_metadata, "property 'ort_config' is in no voice"),
        (a_flood_of_nodes, "it has more than 4096 nodes"),
        (no_tensor, "field 4 of wire type 2 is in no voice"),
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
    assert "graph is there twice" in refusal(TINY.read_bytes() + half)


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
    assert "is there twice" in refusal(place(piece * 2))
    assert "is there twice" not in refusal(place(piece))
