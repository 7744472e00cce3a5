"""One call of a sound voice's step graph: the states before it, and a block of sound after it.

A step takes `state_j` float32 or int64 [1, …], `style` float32 [1, S], `temperature` float32 [],
`noise` float32 [1, N] in [0, 1) and `seed_index` int64 [1], and returns `next_state_j` and `block`
float32 [1, L]. With `seed_index` -1 the states continue; with another they are first replaced by
those of that index in the bank that the graph holds.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream.compose.onnx_session import TYPES, OnnxSession
from stream.errors import VoiceError
from stream.voices.audio_spec import AudioSpec
from stream.voices.schema import AUDIO
from stream.voices.spec import VoiceSpec, load_bytes, verify

Floats = NDArray[np.float32]
States = tuple[NDArray[Any], ...]
CONTINUE = -1


class AudioStep:
    """A loaded voice of kind `audio`; it runs in this thread alone.

    Raises `VoiceError` if the file is not such a voice, or its graph differs from its description.
    """

    def __init__(self, path: Path) -> None:
        data = load_bytes(path)
        self.spec: VoiceSpec = verify(path, data)
        if self.spec.kind != AUDIO or self.spec.audio is None:
            raise VoiceError(f"voice {path}: kind {self.spec.kind}; give a voice that makes sound")
        self.audio: AudioSpec = self.spec.audio
        self.width = block_width(self.audio)
        """Numbers in a block: samples, or real and imaginary parts."""
        self._session = OnnxSession(path, data)
        self._check()

    def initial(self) -> States:
        """Return the states before any sound: all zero."""
        return tuple(np.zeros((1, *s.shape), s.dtype) for s in self.spec.states)

    def __call__(
        self, states: States, style: Floats, temperature: float, noise: Floats, seed: int = CONTINUE
    ) -> tuple[States, Floats]:
        """Return the states after the next block, and the block [L]; `style` [S], `noise` [N]."""
        feed: dict[str, NDArray[Any]] = {
            "style": style[None],
            "temperature": np.asarray(temperature, np.float32),
            "noise": noise[None],
            "seed_index": np.array([seed], np.int64),
            **{f"state_{i}": state for i, state in enumerate(states)},
        }
        shapes = [*((1, *state.shape) for state in self.spec.states), (1, self.width)]
        *next_states, block = self._session.run(feed, shapes)
        return tuple(next_states), block[0]

    def _check(self) -> None:
        """Check the graph against the description, and its bank against the seeds of all styles."""
        self._session.check(_inputs(self.spec), _outputs(self.spec))
        style, noise = (np.zeros(n, np.float32) for n in (len(self.spec.tags), self.spec.noise))
        last = max(seed for each in self.spec.styles.values() for seed in each.seeds)
        for seed in (CONTINUE, last):
            self(self.initial(), style, 1.0, noise, seed)


def block_width(audio: AudioSpec) -> int:
    """Return the numbers in a block: samples, or real and imaginary parts."""
    spectrum = audio.synthesis == "spectrum"
    return 2 * (audio.length // 2 + 1) if spectrum else audio.length


def _inputs(spec: VoiceSpec) -> dict[str, tuple[str, list[int]]]:
    """Return type and shape, without the first dimension, of each input."""
    real = TYPES["float32"]
    return {
        "style": (real, [len(spec.tags)]),
        "temperature": (real, []),
        "noise": (real, [spec.noise]),
        "seed_index": (TYPES["int64"], []),
        **{f"state_{i}": (TYPES[s.dtype], list(s.shape)) for i, s in enumerate(spec.states)},
    }


def _outputs(spec: VoiceSpec) -> list[tuple[str, str]]:
    """Return name and type of each output, in order."""
    states = [(f"next_state_{i}", TYPES[s.dtype]) for i, s in enumerate(spec.states)]
    return [*states, ("block", TYPES["float32"])]
