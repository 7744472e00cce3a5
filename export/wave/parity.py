"""Parity of an exported step of sound and the trained model, and its speed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from export.to_voice.parity import session
from export.wave import blocks, measures
from export.wave.step import SoundStep, example
from stream.voices.audio_spec import AudioSpec

STEPS = 200
LARGEST_ERROR = 1e-4
"""Difference that a block's samples may have, Torch and ONNX fp32; full scale is 1."""


@dataclass(frozen=True, slots=True)
class SoundParity:
    """Differences over `STEPS` blocks, each graph given the states of the trained model."""

    steps: int
    error: float
    """Largest difference of a sample, Torch and ONNX fp32."""
    int8_distance: float
    """Log-spectral distance of the blocks of ONNX int8 from those of fp32, dB."""
    speed: float
    """Seconds of sound that the int8 graph makes in a second of one core."""
    bytes: int
    """Size of the int8 graph."""

    def passes(self, _precision: str) -> bool:
        """Return whether the fp32 graph is the trained step; int8 has no bound."""
        return self.error <= LARGEST_ERROR


def compare(step: SoundStep, audio: AudioSpec, fp32: bytes, int8: bytes) -> SoundParity:
    """Run the model from its first seed, with both graphs beside it."""
    rng = np.random.default_rng(1)
    own = [session(graph) for graph in (fp32, int8)]
    *_, style, temperature, _, _ = example(step, _styles(own[0]))
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
        for rows, graph in zip(made[1:], own, strict=True):
            rows.append(graph.run(None, feed)[-1][0])
    ours, full, small = (_samples(np.stack(rows), audio) for rows in made)
    error = float(np.abs(ours - full).max())
    distance = measures.log_spectral_distance(small, full)[0]
    return SoundParity(STEPS, error, distance, speed(int8, step, audio, STEPS), len(int8))


def _styles(graph: Any) -> int:
    """Return the columns of the input `style`."""
    return int(next(i.shape[1] for i in graph.get_inputs() if i.name == "style"))


def speed(graph: bytes, step: SoundStep, audio: AudioSpec, steps: int) -> float:
    """Return seconds of sound made in a second of one core, the inverse transform included."""
    onnx = session(graph)
    values = [value.numpy() for value in example(step, _styles(onnx))]
    names = [each.name for each in onnx.get_inputs()]
    feed = dict(zip(names, values, strict=True))
    begun = time.process_time()
    for _ in range(steps):
        *after, block = onnx.run(None, feed)
        feed |= {f"state_{i}": state for i, state in enumerate(after)}
        feed["seed_index"] = np.array([-1])
        blocks.joined(_samples(block, audio), audio.hop)
    return steps * audio.hop / audio.rate / (time.process_time() - begun)


def _samples(found: NDArray[np.floating], audio: AudioSpec) -> NDArray[np.floating]:
    """Return the samples [T, length] of blocks."""
    return blocks.blocks_of(found, audio.length) if audio.synthesis == "spectrum" else found
