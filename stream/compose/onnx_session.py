"""The session that runs a voice's graph, and the errors of the library that does."""

from __future__ import annotations

from pathlib import Path

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as vendor

from stream.errors import VoiceError
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


def opened(path: Path, data: bytes) -> onnxruntime.InferenceSession:
    """Ready to run the graph of the voice in `data`, in this thread alone. Raises `VoiceError`."""
    check_graph(path, data)
    try:
        return onnxruntime.InferenceSession(data, _options(), providers=["CPUExecutionProvider"])
    except VENDOR_ERRORS as error:
        raise VoiceError(f"voice {path}: its graph can not be run ({error})") from error


def _options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # A file may be ONNX to us and its own format to onnxruntime, which would go unchecked.
    options.add_session_config_entry("session.load_model_format", "ONNX")
    # The arena keeps what its largest request took, for good.
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 4
    return options
