"""Torch against the exported graphs."""

import dataclasses
import functools

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, numpy_helper

from export.melody import parity
from export.melody.evaluate import read_causal
from export.models.melody_config import BARS
from export.models.step import INPUTS, OUTPUTS
from export.step_graph import to_onnx
from stream.compose.tunes.outlines import written
from stream.voices.spec import StyleSpec


@pytest.fixture(scope="module")
def exported(make_model):
    """Model and its graphs, fp32 and int8; a graph takes seconds, so each is made once."""

    @functools.cache
    def export(family, cell="rhn", history="event"):
        model = make_model(family, styles=("even",), cell=cell, history=history)
        fp32 = to_onnx.to_onnx(model)
        return model, fp32, to_onnx.to_int8(fp32)

    return export


def test_onnx_composes_as_torch_does(exported, family):
    model, fp32, _ = exported(family)
    report = parity.played(model, fp32, 200)
    assert (report.same_tokens, report.tokens) == (2400, 2400)
    assert report.log_prob_error <= 1e-4


@pytest.mark.parametrize("made", [("lstm", "event"), ("mingru", "event"), ("mingru", "motif")])
def test_every_cell_and_history_composes_as_torch_does(exported, made):
    model, fp32, _ = exported("vrash", *made)
    report = parity.played(model, fp32, 200)
    assert (report.same_tokens, report.tokens) == (2400, 2400)
    assert report.log_prob_error <= 1e-4


def test_a_memory_in_the_graph_tells_what_the_corpus_was_given(exported, melodies, points):
    model, fp32, _ = exported("vrash", "mingru", "motif")
    bits = parity.forced_bits(fp32, model.config, points, melodies[:6])
    latent = torch.tensor(points["even"].mean)
    assert bits == pytest.approx(read_causal(model, melodies[:6], latent), rel=1e-5)


def test_the_graphs_keep_the_contract_of_a_step(exported, family):
    for content in exported(family)[1:]:
        graph = onnx.load_from_string(content).graph
        assert tuple(i.name for i in graph.input) == INPUTS
        assert tuple(o.name for o in graph.output) == OUTPUTS


@pytest.mark.parametrize("candidates", [1, 7])
def test_the_number_of_candidates_is_free(exported, family, candidates):
    model, fp32, _ = exported(family)
    inputs = parity.example_inputs(model, candidates)
    out = parity.session(fp32).run(
        None, {n: v.numpy() for n, v in zip(INPUTS, inputs, strict=True)}
    )
    assert [len(o) for o in out] == [candidates] * 7


def test_int8_multiplies_signed_bytes_alone(exported, family):
    graph = onnx.load_from_string(exported(family)[2]).graph
    constants = {c.name: c for c in graph.initializer}
    products = [n for n in graph.node if n.op_type == "MatMulInteger"]
    weights = [constants[n.input[1]] for n in products]
    # Tags, input projection, two micro-layers, and five matrices of the heads.
    assert len(products) == 9
    assert {w.data_type for w in weights} == {TensorProto.INT8}
    # Seven bits: processors without VNNI add pairs of products in sixteen.
    assert max(int(np.abs(numpy_helper.to_array(w)).max()) for w in weights) <= 64
    floats = [n for n in graph.node if n.op_type in {"MatMul", "Gemm"}]
    assert [n.name for n in floats if constants.keys() & set(n.input)] == []


def test_the_graphs_tell_nothing_of_the_machine_that_made_them(exported, family):
    for content in exported(family)[1:]:
        for told in (b".py", b"/home", b"/work", b"/tmp", b"site-packages", b"stack_trace"):
            assert told not in content


@pytest.fixture
def points():
    return {"even": StyleSpec((0.5, -1.0, 0.0, 2.0), (1.0,) * 4, {}, {}, {})}


def test_forced_bits_are_the_causal_reading(exported, family, melodies, points):
    model, fp32, _ = exported(family)
    if not model.latent:
        points = {"even": StyleSpec((), (), {}, {}, {})}
    bits = parity.forced_bits(fp32, model.config, points, melodies[:6])
    latent = torch.tensor(points["even"].mean)
    assert bits == pytest.approx(read_causal(model, melodies[:6], latent), rel=1e-5)


def test_the_order_of_melodies_does_not_matter(exported, melodies, points):
    model, fp32, _ = exported("vrash")
    many = [m for m in melodies for _ in range(2)]
    bits = [parity.forced_bits(fp32, model.config, points, order) for order in (many, many[::-1])]
    assert bits[0] == pytest.approx(bits[1], rel=1e-5)


def test_the_report_compares_all_three(exported, melodies, points):
    model, fp32, int8 = exported("vrash")
    report = parity.compare(model, fp32, int8, points, melodies[:4])
    assert (report.steps, report.same_tokens, report.tokens) == (1000, 12000, 12000)
    assert report.fp32_bits != report.int8_bits
    assert report.passes("int8") == (abs(report.int8_bits - report.fp32_bits) <= 0.02)


@pytest.mark.parametrize(
    ("figures", "passed"),
    [
        ((10, 120, 120, 1e-4, 5.0, 5.019), True),
        ((10, 119, 120, 1e-4, 5.0, 5.0), False),
        ((10, 120, 120, 2e-4, 5.0, 5.0), False),
        ((10, 120, 120, 0.0, 5.0, 5.03), False),
        ((10, 120, 120, 0.0, 5.0, 4.97), False),
    ],
)
def test_what_passes(figures, passed):
    assert parity.MelodyParity(*figures).passes("int8") is passed


@pytest.fixture
def long_melodies(melodies):
    """Tunes of eighteen bars, as they are written, with their outlines."""
    tripled = (dataclasses.replace(m, tokens=np.vstack([m.tokens] * 3)) for m in melodies[:4])
    return [written(melody) for melody in tripled]


def test_a_graph_that_remembers_bars_tells_what_the_corpus_was_given(
    exported, long_melodies, points
):
    """Its hints and its context are those of the training, whole tunes long."""
    model, fp32, _ = exported("vrash", "mingru", "bars")
    report = parity.played(model, fp32, 200)
    assert (report.same_tokens, report.tokens) == (2400, 2400)
    assert report.log_prob_error <= 1e-4
    graph = onnx.load_from_string(fp32).graph
    assert tuple(i.name for i in graph.input) == (*INPUTS, "context")
    bits = parity.forced_bits(fp32, model.config, points, long_melodies)
    latent = torch.tensor(points["even"].mean)
    assert bits == pytest.approx(read_causal(model, long_melodies, latent), rel=1e-5)
    # The outline is heard: without it the same tunes are told otherwise.
    plain = [dataclasses.replace(m, outline=None) for m in long_melodies]
    assert bits != pytest.approx(read_causal(model, plain, latent), rel=1e-3)


def test_distances_in_bars_are_exact_in_int8(exported):
    """A bar's length comes from the tags; quantized, it would miss the events that it points to."""
    graph = onnx.load_from_string(exported("vrash", "mingru", "bars")[2]).graph
    constants = {c.name: c for c in graph.initializer}
    lengths = [numpy_helper.to_array(c) for c in constants.values() if list(c.dims) == [len(BARS)]]
    assert any(array.tolist() == list(BARS) for array in lengths)
    products = [constants[n.input[1]] for n in graph.node if n.op_type == "MatMulInteger"]
    assert min(min(weights.dims) for weights in products) > 1
