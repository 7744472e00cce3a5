"""A session of onnxruntime that runs a voice's graph; its errors become `VoiceError`."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as vendor

from stream.errors import VoiceError
from stream.util.validate import shown
from stream.voices.graph_check import check_graph

# onnxruntime's errors share no base but RuntimeError and Exception.
VENDOR_ERRORS = (
    vendor.EPFail,
    vendor.Fail,
    vendor.InvalidArgument,
    vendor.InvalidGraph,
    vendor.InvalidProtobuf,
    vendor.NotImplemented,
    vendor.RuntimeException,
    MemoryError,
    RuntimeError,
    ValueError,
)
TYPES = {"float32": "tensor(float)", "int64": "tensor(int64)"}
Inputs = Mapping[str, tuple[str, list[int]]]
"""Type and shape, without the first dimension, of each input by name."""
Outputs = Sequence[tuple[str, str]]
"""Name and type of each output, in order."""


class OnnxSession:
    """The graph of the voice in `data`, ready to run in this thread alone. Raises `VoiceError`."""

    def __init__(self, path: Path, data: bytes) -> None:
        check_graph(path, data)
        self._path = path
        try:
            with _file_of(data) as file:
                self._session = onnxruntime.InferenceSession(
                    file, _options(), providers=["CPUExecutionProvider"]
                )
        except (OSError, *VENDOR_ERRORS) as error:
            raise VoiceError(f"voice {path}: its graph cannot be run ({error})") from error

        self._optional = {i.name for i in self._session.get_overridable_initializers()}

    def check(self, inputs: Inputs, outputs: Outputs) -> None:
        """Raise `VoiceError` unless the graph has exactly these inputs and outputs."""
        found_inputs = {i.name: (i.type, i.shape[1:]) for i in self._session.get_inputs()}
        found_outputs = [(o.name, o.type) for o in self._session.get_outputs()]
        for found, expected in ((found_inputs, inputs), (found_outputs, outputs)):
            if found != expected:
                raise VoiceError(
                    f"voice {self._path}: its graph differs from its description:"
                    f" {shown(found)} instead of {shown(expected)}"
                )

    def takes(self, name: str) -> bool:
        """Return True if the graph has an input of that name that may be omitted."""
        return name in self._optional

    def run(
        self, feed: Mapping[str, NDArray[Any]], shapes: Sequence[tuple[int, ...]]
    ) -> list[NDArray[Any]]:
        """Return all outputs in order. Raises `VoiceError` if they do not have these shapes."""
        try:
            outputs: list[NDArray[Any]] = self._session.run(None, feed)
        except VENDOR_ERRORS as error:
            raise VoiceError(f"voice {self._path}: its graph fails ({error})") from error
        # onnxruntime checks the types only.
        if [array.shape for array in outputs] != shapes:
            raise VoiceError(f"voice {self._path}: its graph returns arrays of another shape")
        return outputs


@contextlib.contextmanager
def _file_of(data: bytes) -> Iterator[str]:
    """Give the path of a file in memory with these bytes, which have been checked.

    A session that is made of bytes keeps them as long as it lives, megabytes that are never read.
    """
    descriptor = os.memfd_create("voice")
    try:
        unwritten = memoryview(data)
        while unwritten:
            unwritten = unwritten[os.write(descriptor, unwritten) :]
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # onnxruntime would take some ONNX files for its own format, which `check_graph` cannot check.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    # The arena never gives back the memory of its largest request.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return options
