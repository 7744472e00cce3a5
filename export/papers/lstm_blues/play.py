"""Free-running playback of a network of paper 003: its outputs are fed back as its next inputs.

Chord notes sound where their output is over one half; of the melody exactly one note does, drawn in
proportion to the outputs y: p(n) = y_n / sum_m y_m (section 4).
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
    """Steps that a network has played; the first ones are the seed."""

    steps: Floats
    """Notes of each step, zeros and ones [T, notes]."""
    settled: int | None
    """Choruses after which the state of the chords was, bit for bit, one from before: the chords
    repeat from there on for ever. None if that did not happen."""
    strays: float = 0.0
    """Mean probability of melody notes outside the scale, over all notes that were drawn."""

    @property
    def chords(self) -> Floats:
        return self.steps[:, :CHORD_NOTES]

    @property
    def melody(self) -> Ints:
        """Pitch of the melody at each step [T]."""
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
        """Return logits [notes] of the step after `x` [notes]."""
        z = self._memory @ np.concatenate([x, self.h]) + self._bias
        if self._lstm:
            i, f, g, o = z.reshape(4, -1)
            self.c = _sigmoid(f) * self.c + _sigmoid(i) * np.tanh(g)
            self.h = _sigmoid(o) * np.tanh(self.c)
        else:
            self.h = np.tanh(z)
        return np.asarray(self._output @ np.concatenate([self.h, x]) + self._biases)

    def play(self, seed: Floats, choruses: int, rng: np.random.Generator) -> Played:
        """Continue the steps `seed` [S, notes] to `choruses` choruses in all."""
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
                now = self._chord_state(steps[t + 1])
                settled = (t + 1) // CHORUS if now in seen else None
                seen.add(now)
        return Played(steps, settled, strays / max(len(steps) - len(seed), 1))

    def _chord_state(self, step: Floats) -> bytes:
        """Return the state that all further chords depend on, of two groups the first half."""
        cells = self._hidden if self._notes == CHORD_NOTES else self._hidden // 2
        parts = (self.h[:cells], self.c[:cells], step[:CHORD_NOTES])
        return b"".join(part.tobytes() for part in parts)


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(0.5 + 0.5 * np.tanh(0.5 * x), np.float32)


def _chances(logits: Floats) -> NDArray[np.float64]:
    """Return the probabilities of the melody's notes [13]; empty without a melody."""
    outputs = 1 / (1 + np.exp(-logits[CHORD_NOTES:].astype(float)))
    return np.asarray(outputs / outputs.sum())


def _next(logits: Floats, chances: NDArray[np.float64], rng: np.random.Generator) -> Floats:
    """Return the next step [notes] of zeros and ones."""
    on = (logits > 0).astype(np.float32)
    if len(chances):
        p = np.cumsum(chances)
        note = int(np.searchsorted(p, rng.random() * p[-1], side="right"))
        on[CHORD_NOTES:] = 0.0
        on[CHORD_NOTES + min(note, len(p) - 1)] = 1.0
    return on


def right(played: Played, chords: Floats) -> NDArray[np.float64]:
    """Return the share of correct chord notes in each chorus."""
    whole = played.chords.reshape(-1, *chords.shape)
    return np.asarray((whole == chords).mean((1, 2)), np.float64)
