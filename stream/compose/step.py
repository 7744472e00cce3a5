"""One call of a voice's step graph, and the state between calls.

Conventions: K candidates, M heads; arrays are numpy, tokens int64 [K, M], noise float32 [K, N] in
[0, 1). The voice's kind defines the meaning of the heads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stream.compose.melody import vocabulary
from stream.compose.melody.leaning import Leaning
from stream.compose.onnx_session import TYPES, OnnxSession
from stream.compose.polyphony import kinds
from stream.errors import VoiceError
from stream.voices.schema import AUDIO
from stream.voices.spec import VoiceSpec, corpus_filter, load_bytes, verify

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

HEADS = {"melody": (vocabulary.SIZES,), **kinds.HEADS}
"""Classes of each head by the kind of voice; some kinds may have one head more."""
TICKS = {"melody": (0,), **kinds.TICKS}
"""Possible ticks in a frame by the kind of voice; 0 is the kind's default."""
LEAN = "lean"
"""Input of some voices of melodies: nats that are added to the logits of all heads, 0 if omitted.
"""
POSITION_STATE = [((), "int64")]
"""Shape and type of the last state: the metric position."""


@dataclass(frozen=True, slots=True)
class Point:
    """The point in style and latent space at which K candidates are composed."""

    latent: Floats
    """Latent points [K, Z]."""
    style: Floats
    """Weights of the tags [K, S]."""
    temperature: float = 1.0
    top_p: float = 1.0
    context: Floats | None = None
    """Context [K, C] of a companion's frame; None for any other voice."""
    leaning: Leaning | None = None
    """The leaning of an own style; None for the styles of the voice."""


@dataclass(frozen=True, slots=True)
class StepState:
    """The input of the next step: the last event and the states after it."""

    token: Ints
    """Tokens of the last event [K, M]."""
    states: tuple[NDArray[Any], ...]
    """The states after it, [K, ...] each."""

    def row(self, k: int) -> StepState:
        """Return the state of one candidate, as K = 1; a copy, so that the others can be freed."""
        return StepState(
            self.token[k : k + 1].copy(), tuple(s[k : k + 1].copy() for s in self.states)
        )

    def rows(self, indices: Ints) -> StepState:
        """Return the states of the candidates at these indices, which may come more than once."""
        return StepState(self.token[indices], tuple(s[indices] for s in self.states))

    def where(self, chosen: NDArray[np.bool_], other: StepState) -> StepState:
        """Return this state of the `chosen` [K] candidates, and the `other` one of all others."""
        return StepState(
            _where(chosen, self.token, other.token),
            tuple(_where(chosen, a, b) for a, b in zip(self.states, other.states, strict=True)),
        )

    def tiled(self, candidates: int) -> StepState:
        """Return the same state for each of K candidates; `self` has K = 1."""
        return StepState(
            np.repeat(self.token, candidates, 0),
            tuple(np.repeat(s, candidates, 0) for s in self.states),
        )


def _where(chosen: NDArray[np.bool_], one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    return np.where(chosen.reshape(-1, *[1] * (one.ndim - 1)), one, other)


@dataclass(frozen=True, slots=True)
class StepOutput:
    """The output of one step: the state after it, and how likely the event was."""

    state: StepState
    log_prob: Floats
    """Log probability [K] in nats, summed over the heads."""
    entropy: Floats
    """Entropy [K] in nats."""


Heads = Mapping[str, tuple[tuple[int, ...], ...]]
"""Classes of each head, in all forms that a kind of voice may have, by kind."""


class Step:
    """A loaded voice. It runs in this thread alone, because waking other threads costs more.

    `known` are the kinds that are accepted. Raises `VoiceError` if the file is not a voice of such
    a kind that this program can play.
    """

    def __init__(self, path: Path, known: Heads = HEADS) -> None:
        data = load_bytes(path)
        self.spec: VoiceSpec = verify(path, data)
        self.corpus: bytes = corpus_filter(data)
        kind, last_states = self.spec.kind, [(s.shape, s.dtype) for s in self.spec.states[-1:]]
        if kind == AUDIO:
            raise VoiceError(
                f"voice {path}: makes sound instead of notes; use it with play and render only"
            )
        if kind not in known:
            raise VoiceError(
                f"voice {path}: kind {kind!r} is not accepted here, but {', '.join(known)}; give"
                " another voice, or update the program"
            )
        is_known = self.spec.heads in known[kind] and self.spec.ticks in TICKS.get(kind, (0,))
        if not is_known or last_states != POSITION_STATE:
            raise VoiceError(
                f"voice {path}: its description does not fit kind {kind}; export it again"
            )
        self._path = path
        self._sizes = np.array(self.spec.heads, np.uint64)[:, None]
        self._states = [f"state_{i}" for i in range(len(self.spec.states))]
        self._tokens = [(f"token_{i}", f"force_{i}") for i in range(len(self.spec.heads))]
        self._shapes: dict[int, tuple[Ints, list[tuple[int, ...]]]] = {}
        self._session = OnnxSession(path, data)
        self._check()

    def _check(self) -> None:
        """Check the graph against the description, and the arrays that a first step returns."""
        self._session.check(_inputs(self.spec), _outputs(self.spec))
        start = self.initial().tiled(2)
        latent, tags, noise = (
            np.zeros((2, width), np.float32)
            for width in (self.spec.latent, len(self.spec.tags), self.spec.noise)
        )
        context = np.zeros((2, self.spec.context), np.float32) if self.spec.context else None
        self(start, Point(latent, tags, context=context), noise)

    @property
    def leans(self) -> bool:
        """True if the graph has the input that an own style may use."""
        return self._session.takes(LEAN)

    def initial(self) -> StepState:
        """Return the state before the first event of a stream, with K = 1."""
        return StepState(
            np.array([self.spec.heads], np.int64),
            tuple(np.zeros((1, *s.shape), s.dtype) for s in self.spec.states),
        )

    def __call__(
        self, state: StepState, point: Point, noise: Floats, force: Ints | None = None
    ) -> StepOutput:
        """Return the next event of K candidates.

        `force` [K, M] prescribes tokens where it is not negative.
        """
        free, shapes = self._free_and_shapes(len(state.token))
        feed: dict[str, NDArray[Any]] = {
            "latent": point.latent,
            "style": point.style,
            "temperature": np.asarray(point.temperature, np.float32),
            "top_p": np.asarray(point.top_p, np.float32),
            "noise": noise,
        }
        if point.context is not None:
            feed["context"] = point.context
        if point.leaning is not None and self.leans:
            feed[LEAN] = point.leaning.at(state.token, state.states[-1])
        for i, (token_name, force_name) in enumerate(self._tokens):
            feed[token_name] = state.token[:, i]
            feed[force_name] = free if force is None else force[:, i]
        feed.update(zip(self._states, state.states, strict=True))
        out = self._session.run(feed, shapes)
        heads = len(self.spec.heads)
        token = np.array(out[:heads])
        if np.count_nonzero(token.view(np.uint64) >= self._sizes):
            raise VoiceError(f"voice {self._path}: its graph returns unknown tokens")
        return StepOutput(StepState(token.T, tuple(out[heads:-2])), out[-2], out[-1])

    def _free_and_shapes(self, candidates: int) -> tuple[Ints, list[tuple[int, ...]]]:
        """Return the input [K] that forces no token, and the shape of each output."""
        if candidates not in self._shapes:
            one = (candidates,)
            states = [(candidates, *state.shape) for state in self.spec.states]
            shapes = [*([one] * len(self.spec.heads)), *states, one, one]
            self._shapes[candidates] = np.full(candidates, -1), shapes
        return self._shapes[candidates]


def _inputs(spec: VoiceSpec) -> dict[str, tuple[str, list[int]]]:
    """Return type and shape, without the dimension of the candidates, of each input."""
    integer, real = TYPES["int64"], TYPES["float32"]
    inputs: dict[str, tuple[str, list[int]]] = {
        "latent": (real, [spec.latent]),
        "style": (real, [len(spec.tags)]),
        "temperature": (real, []),
        "top_p": (real, []),
        "noise": (real, [spec.noise]),
    }
    if spec.context:
        inputs["context"] = real, [spec.context]
    for i in range(len(spec.heads)):
        inputs |= {f"token_{i}": (integer, []), f"force_{i}": (integer, [])}
    for i, state in enumerate(spec.states):
        inputs[f"state_{i}"] = TYPES[state.dtype], list(state.shape)
    return inputs


def _outputs(spec: VoiceSpec) -> list[tuple[str, str]]:
    """Return name and type of each output, in order."""
    tokens = [(f"next_token_{i}", TYPES["int64"]) for i in range(len(spec.heads))]
    states = [(f"next_state_{i}", TYPES[state.dtype]) for i, state in enumerate(spec.states)]
    return [*tokens, *states, ("log_prob", TYPES["float32"]), ("entropy", TYPES["float32"])]
