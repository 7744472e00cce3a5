"""The step graph as ONNX bytes: fp32 as traced, and with signed int8 weights."""

from __future__ import annotations

import math
import tempfile
import warnings
from collections.abc import Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from export.models.melody import MelodyModel
from export.models.step import OUTPUTS, Step, example_inputs, inputs_of
from export.step_graph import gather, lean

OPSET = 18
PRODUCTS = ["MatMul", "Gemm"]


def to_onnx(model: MelodyModel) -> bytes:
    """Return the step of `model` as an fp32 ONNX graph; K, the first dimension, is free."""
    return traced(Step(model), example_inputs(model), inputs_of(model), OUTPUTS)


def traced(
    step: nn.Module, example: Sequence[Tensor], inputs: Sequence[str], outputs: Sequence[str]
) -> bytes:
    """Return a step as an fp32 ONNX graph; the first dimension of all but numbers is free."""
    candidates = torch.export.Dim("K")
    shapes = [{0: candidates} if value.ndim else None for value in example]
    named: Any = dict(zip(inputs, shapes, strict=True))
    if "inputs" in signature(step.forward).parameters:
        named = {"inputs": tuple(shapes)}
    return exported(step, example, inputs, outputs, named)


def exported(
    step: nn.Module,
    example: Sequence[Tensor],
    inputs: Sequence[str],
    outputs: Sequence[str],
    shapes: Any = None,
) -> bytes:
    """Return a step as a serialized fp32 ONNX graph; without `shapes` no dimension is free."""
    with warnings.catch_warnings():
        # The exporter warns of its own deprecations and of the name of the free dimension.
        warnings.simplefilter("ignore")
        program: Any = torch.onnx.export(
            step.eval(),
            tuple(example),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamo=True,
            dynamic_shapes=shapes,
            opset_version=OPSET,
            verbose=False,
            custom_translation_table=gather.TRANSLATION,
        )
    graph = _stripped(lean.lean(program.model_proto))
    onnx.checker.check_model(graph)
    return bytes(graph.SerializeToString())


def _stripped(graph: onnx.ModelProto) -> onnx.ModelProto:
    """Return the graph without the exporter's notes: call stacks and stale shapes."""
    del graph.graph.value_info[:]
    for part in (graph, graph.graph):
        part.ClearField("metadata_props")
    for item in (*graph.graph.node, *graph.graph.input, *graph.graph.output):
        item.ClearField("metadata_props")
        item.ClearField("doc_string")
    return graph


def to_int8(fp32: bytes, least: int = 0) -> bytes:
    """Return the graph with int8 weights and dynamic quantization of what they multiply.

    Products with fewer than `least` weights stay as they are.

    Weights are signed, the form with fast kernels on every ARM core, a scale for each output
    channel, and use seven bits, so that x86 processors without VNNI cannot overflow.
    """
    products = _products(onnx.load_from_string(fp32).graph, least)
    if not products:
        # The quantizer takes an empty list for all nodes.
        return fp32
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "fp32.onnx"), Path(folder, "int8.onnx")
        source.write_bytes(fp32)
        quantize_dynamic(
            source,
            target,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            op_types_to_quantize=PRODUCTS,
            extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
            nodes_to_quantize=products,
        )
        return target.read_bytes()


def _products(graph: onnx.GraphProto, least: int) -> list[str]:
    """Return the names of the nodes that multiply by at least so many weights."""
    weights = {each.name: math.prod(each.dims) for each in graph.initializer}
    names = [
        node.name
        for node in graph.node
        if node.op_type in PRODUCTS and weights.get(node.input[1], 0) >= max(least, 1)
    ]
    # The quantizer makes every Gemm a MatMul, so named, and an Add.
    return [*names, *(f"{name}_MatMul" for name in names)]
