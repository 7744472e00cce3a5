"""Whether the exported step still is the trained model, and how fast it makes sound."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from export.wave import blocks, measures
from export.wave.step import SoundStep, example
from stream.voices.spec import AudioSpec

STEPS = 200
LARGEST_ERROR = 1e-4
"""Of a block's samples: torch and ONNX fp32, full scale 1."""


@dataclass(frozen=True, slots=True)
class Parity:
    """Over `STEPS` blocks, each graph given the states of the trained model."""

    steps: int
    error: float
    """Largest difference of a sample, torch and ONNX fp32."""
    int8_distance: float
    """dB: log-spectral distance of the blocks of ONNX int8 from those of fp32."""
    speed: float
    """Seconds of sound made in a second of one core by the graph that is shipped."""

    @property
    def passed(self) -> bool:
        return self.error <= LARGEST_ERROR


def compare(
    step: SoundStep, audio: AudioSpec, graphs: tuple[bytes, bytes], shipped: bytes
) -> Parity:
    """Run the model from its first seed, with both graphs beside it."""
    rng = np.random.default_rng(1)
    own = [_session(graph) for graph in graphs]
    *_, style, temperature, _, _ = example(step, len_style(own[0]))
    states = [torch.zeros(1, width) for width in step.widths()]
    names = [each.name for each in own[0].get_inputs()]
    made: list[list[NDArray[Any]]] = [[], [], []]
    for i in range(STEPS):
        noise = torch.from_numpy(rng.random((1, step.noise), np.float32))
        seed = torch.tensor([0 if i == 0 else -1])
        inputs = (*states, style, temperature, noise, seed)
        feed = dict(zip(names, (value.numpy() for value in inputs), strict=True))
        with torch.no_grad():
            *states, block = step(*inputs)
        made[0].append(block.numpy()[0])
        for rows, session in zip(made[1:], own, strict=True):
            rows.append(session.run(None, feed)[-1][0])
    torch_, fp32, int8 = (_samples(np.stack(rows), audio) for rows in made)
    error = float(np.abs(torch_ - fp32).max())
    distance = measures.log_spectral_distance(int8, fp32)[0]
    return Parity(STEPS, error, distance, speed(shipped, step, audio, STEPS))


def len_style(session: Any) -> int:
    """Columns of the input `style`."""
    return int(next(i.shape[1] for i in session.get_inputs() if i.name == "style"))


def speed(graph: bytes, step: SoundStep, audio: AudioSpec, steps: int) -> float:
    """Seconds of sound made in a second of one core, the inverse transform included."""
    session = _session(graph)
    values = [value.numpy() for value in example(step, len_style(session))]
    names = [each.name for each in session.get_inputs()]
    feed = dict(zip(names, values, strict=True))
    begun = time.process_time()
    for _ in range(steps):
        *after, block = session.run(None, feed)
        feed |= {f"state_{i}": state for i, state in enumerate(after)}
        feed["seed_index"] = np.array([-1])
        blocks.joined(_samples(block, audio), audio.hop)
    return steps * audio.hop / audio.rate / (time.process_time() - begun)


def _samples(found: NDArray[np.floating], audio: AudioSpec) -> NDArray[np.floating]:
    """Samples [T, length] of blocks."""
    return blocks.blocks_of(found, audio.length) if audio.synthesis == "spectrum" else found


def _session(graph: bytes) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
