"""An input of a melody's step graph that adds to the logits of its heads: `lean` [K, 32].

The input has a default of zeros, so a graph runs with and without it, to the same bits: x + 0 = x.
Own styles use it (`stream.compose.melody.leaning`). The nodes are found by the softmax of each
head, so that it can be added to the graph of any melody, quantized or not.

`python -m export.step_graph.leaning VOICE.onnx` adds it to a voice, and seals the voice again.
"""

from __future__ import annotations

import sys
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from stream.compose.melody.vocabulary import SIZES
from stream.compose.step import LEAN
from stream.errors import VoiceError
from stream.voices.spec import append_spec, corpus_filter, load_bytes, verify


def with_lean(graph: bytes) -> bytes:
    """Return the model with the input. Raises `VoiceError` for a graph of another form."""
    model = onnx.load_from_string(graph)
    nodes = model.graph.node
    logits = [node.input[0] for node in nodes if node.op_type == "LogSoftmax"]
    if len(logits) != len(SIZES) or any(i.name == LEAN for i in model.graph.input):
        raise VoiceError("the graph is not that of a melody without the input; export it again")
    rows = model.graph.input[0].type.tensor_type.shape.dim[0].dim_param or "K"
    zeros = numpy_helper.from_array(np.zeros((1, sum(SIZES)), np.float32), LEAN)
    model.graph.initializer.append(zeros)
    model.graph.input.append(
        helper.make_tensor_value_info(LEAN, TensorProto.FLOAT, [f"lean_{rows}", sum(SIZES)])
    )
    ends = pairwise(accumulate(SIZES, initial=0))
    for head, (name, columns) in enumerate(zip(logits, ends, strict=True)):
        _add(model, head, name, columns)
    return bytes(model.SerializeToString())


def _add(model: onnx.ModelProto, head: int, name: str, ends: tuple[int, int]) -> None:
    """Insert the sum of the logits `name` and the columns between the `ends` of the input."""
    nodes = model.graph.node
    edges = [f"lean_begin_{head}", f"lean_end_{head}", f"lean_axis_{head}"]
    for edge, value in zip(edges, (*ends, 1), strict=True):
        model.graph.initializer.append(numpy_helper.from_array(np.array([value]), edge))
    own, leaned = f"lean_{head}", f"{name}_leaned"
    for node in nodes:
        for at, each in enumerate(node.input):
            if each == name:
                node.input[at] = leaned
    place = 1 + next(i for i, node in enumerate(nodes) if name in node.output)
    nodes.insert(place, helper.make_node("Slice", [LEAN, *edges], [own]))
    nodes.insert(place + 1, helper.make_node("Add", [name, own], [leaned]))


def main(argv: list[str] | None = None) -> int:
    """Add the input to a voice file."""
    (name,) = sys.argv[1:] if argv is None else argv
    path = Path(name)
    data = load_bytes(path)
    spec = verify(path, data)
    model = onnx.load_from_string(data)
    del model.metadata_props[:]
    graph = with_lean(bytes(model.SerializeToString()))
    path.write_bytes(append_spec(graph, spec, corpus_filter(data)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
