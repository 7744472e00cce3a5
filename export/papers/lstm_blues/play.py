"""A network of the paper plays by itself: what it says next is what it hears next.

Chord notes sound where their output is over one half; of the melody exactly one note does, drawn in
proportion to the outputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from export.papers.lstm_blues.networks import CHORD_NOTES, Network
from export.papers.lstm_blues.song import CHORUS, SCALE, Floats, Ints


@dataclass(frozen=True, slots=True)
class Played:
    """Steps that a network has played; the first ones were given to it."""

    steps: Floats
    """[T, notes]"""
    settled: int | None
    """Choruses after which all that the chords depend on was, bit for bit, as it had been after
    fewer: what follows has been heard, for ever. None: that did not happen."""
    strays: float = 0.0
    """Chance that a melody note was one that no song has; the mean over all that were drawn."""

    @property
    def chords(self) -> Floats:
        return self.steps[:, :CHORD_NOTES]

    @property
    def melody(self) -> Ints:
        """[T] pitches; there is one at each step."""
        return np.asarray(self.steps[:, CHORD_NOTES:].argmax(1), np.int64)


class Player:
    """A trained network, one step at a time, in float32."""

    def __init__(self, model: Network) -> None:
        with torch.no_grad():
            notes, own, bias = (part.numpy() for part in model.memory())
            weights, self._biases = (part.numpy() for part in model.outputs())
        self._lstm, self._notes, self._hidden = model.lstm, model.notes, model.hidden
        self._memory, self._bias = np.concatenate([notes, own], 1), bias
        self._output = np.ascontiguousarray(weights)
        self.h = self.c = np.zeros(model.hidden, np.float32)

    def __call__(self, x: Floats) -> Floats:
        """Logits [notes] of the step after `x` [notes]."""
        z = self._memory @ np.concatenate([x, self.h]) + self._bias
        if self._lstm:
            i, f, g, o = z.reshape(4, -1)
            self.c = _sigmoid(f) * self.c + _sigmoid(i) * np.tanh(g)
            self.h = _sigmoid(o) * np.tanh(self.c)
        else:
            self.h = np.tanh(z)
        return np.asarray(self._output @ np.concatenate([self.h, x]) + self._biases)

    def play(self, seed: Floats, choruses: int, rng: np.random.Generator) -> Played:
        """Play on from the steps `seed` [S, notes], so that it is `choruses` in all."""
        steps = np.zeros((choruses * CHORUS, self._notes), np.float32)
        steps[: len(seed)] = seed
        seen, settled, strays = set[bytes](), None, 0.0
        for t in range(len(steps) - 1):
            logits = self(steps[t])
            if t + 1 >= len(seed):
                chances = _chances(logits)
                strays += float(1 - chances[list(SCALE)].sum()) if len(chances) else 0.0
                steps[t + 1] = _next(logits, chances, rng)
            if (t + 1) % CHORUS == 0 and settled is None:
                now = self._of_chords(steps[t + 1])
                settled = (t + 1) // CHORUS if now in seen else None
                seen.add(now)
        return Played(steps, settled, strays / max(len(steps) - len(seed), 1))

    def _of_chords(self, step: Floats) -> bytes:
        """All that the chords to come depend on: the first half where there are two groups."""
        kept = self._hidden if self._notes == CHORD_NOTES else self._hidden // 2
        parts = (self.h[:kept], self.c[:kept], step[:CHORD_NOTES])
        return b"".join(part.tobytes() for part in parts)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x), np.float32)


def _chances(logits: Floats) -> NDArray[np.float64]:
    """Of the melody's notes, [13]; empty where there is no melody."""
    outputs = 1 / (1 + np.exp(-logits[CHORD_NOTES:].astype(float)))
    return np.asarray(outputs / outputs.sum())


def _next(logits: Floats, chances: NDArray[np.float64], rng: np.random.Generator) -> Floats:
    """One step [notes] of zeros and ones."""
    on = (logits > 0).astype(np.float32)
    if len(chances):
        p = np.cumsum(chances)
        note = int(np.searchsorted(p, rng.random() * p[-1], side="right"))
        on[CHORD_NOTES:] = 0.0
        on[CHORD_NOTES + min(note, len(p) - 1)] = 1.0
    return on


def right(played: Played, chords: Floats) -> NDArray[np.float64]:
    """Share of the chord notes that are right in each chorus."""
    whole = played.chords.reshape(-1, *chords.shape)
    return np.asarray((whole == chords).mean((1, 2)), np.float64)
