"""One call of a voice's step graph, and the state that travels between calls.

Conventions: K candidates; arrays are numpy, tokens int64 [K, 3], noise float32 [K, 3] in [0, 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as vendor

from stream.errors import VoiceError
from stream.voice import VoiceSpec, corpus_filter, load_bytes, verify

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

# onnxruntime's errors share no base but RuntimeError and Exception.
VENDOR_ERRORS = (
    vendor.Fail,
    vendor.InvalidArgument,
    vendor.InvalidGraph,
    vendor.InvalidProtobuf,
    vendor.NotImplemented,
    vendor.RuntimeException,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Point:
    """Where in style and latent space K candidates are composed, and how freely."""

    latent: Floats
    """[K, Z]"""
    style: Floats
    """[K, S]: tag weights."""
    temperature: float = 1.0
    top_p: float = 1.0


@dataclass(frozen=True, slots=True)
class Memory:
    """What the step needs to go on from an event: the event itself and the states after it."""

    token: Ints
    """[K, 3]"""
    states: tuple[NDArray[Any], ...]
    """[K, ...] each."""

    def row(self, k: int) -> Memory:
        """The memory of one candidate, as K = 1; a copy, which does not keep the others."""
        return Memory(self.token[k : k + 1].copy(), tuple(s[k : k + 1].copy() for s in self.states))

    def tiled(self, candidates: int) -> Memory:
        """The same memory for each of K candidates; `self` has K = 1."""
        return Memory(
            np.repeat(self.token, candidates, 0),
            tuple(np.repeat(s, candidates, 0) for s in self.states),
        )


@dataclass(frozen=True, slots=True)
class Event:
    """What one step gives: the memory after it, and how likely the event was."""

    memory: Memory
    log_prob: Floats
    """[K], nats, of all heads together."""
    entropy: Floats
    """[K], nats."""


class Step:
    """A voice, loaded. It runs in this thread alone: waking others costs more than it gives.

    Raises `VoiceError` where the file is no voice that this program can play.
    """

    def __init__(self, path: Path) -> None:
        data = load_bytes(path)
        self.spec: VoiceSpec = verify(path, data)
        self.corpus: bytes = corpus_filter(data)
        if self.spec.kind != "melody":
            raise VoiceError(f"voice {path}: kind {self.spec.kind!r} is not known to this program")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # The arena keeps what its largest request took, for good.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 4
        try:
            self._session = onnxruntime.InferenceSession(
                data, options, providers=["CPUExecutionProvider"]
            )
        except VENDOR_ERRORS as error:
            raise VoiceError(f"voice {path}: its graph can not be run ({error})") from error
        self._check(path)

    def _check(self, path: Path) -> None:
        heads, states = range(len(self.spec.heads)), range(len(self.spec.states))
        wanted = {f"token_{i}" for i in heads} | {f"force_{i}" for i in heads}
        wanted |= {f"state_{i}" for i in states}
        wanted |= {"latent", "style", "temperature", "top_p", "noise"}
        missing = wanted ^ {i.name for i in self._session.get_inputs()}
        if missing:
            raise VoiceError(f"voice {path}: inputs differ from its description: {sorted(missing)}")

    def initial(self) -> Memory:
        """Before the first event of a stream, for one candidate."""
        return Memory(
            np.array([self.spec.heads], np.int64),
            tuple(np.zeros((1, *s.shape), s.dtype) for s in self.spec.states),
        )

    def __call__(
        self, memory: Memory, point: Point, noise: Floats, force: Ints | None = None
    ) -> Event:
        """The next event of K candidates; `force` [K, 3] prescribes tokens where not negative."""
        if force is None:
            force = np.full_like(memory.token, -1)
        feed: dict[str, NDArray[Any]] = {
            "latent": point.latent,
            "style": point.style,
            "temperature": np.asarray(point.temperature, np.float32),
            "top_p": np.asarray(point.top_p, np.float32),
            "noise": noise,
        }
        for i in range(len(self.spec.heads)):
            feed[f"token_{i}"] = memory.token[:, i]
            feed[f"force_{i}"] = force[:, i]
        for i, state in enumerate(memory.states):
            feed[f"state_{i}"] = state
        out = self._session.run(None, feed)
        heads = len(self.spec.heads)
        token = np.stack(out[:heads], 1)
        return Event(Memory(token, tuple(out[heads:-2])), out[-2], out[-1])
