"""The three heads of an event: pitch class, octave and duration, each knowing those before it."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.models.cross_entropy import nats
from stream.compose.melody.vocabulary import SIZES


class Heads(nn.Module):
    """Three softmax heads, each fed by the decoder's output and by the classes already chosen.

    l_1 = W h, l_k = V_k tanh(U_k h + sum of the embeddings of the classes chosen before) for the
    octave and the duration.
    """

    WIDTH = 96

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.pitch_class = nn.Linear(hidden, SIZES[0])
        self.octave_hidden = nn.Linear(hidden, self.WIDTH)
        self.octave_given = nn.Embedding(SIZES[0], self.WIDTH)
        self.octave = nn.Linear(self.WIDTH, SIZES[1])
        self.duration_hidden = nn.Linear(hidden, self.WIDTH)
        self.duration_given = nn.ModuleList(nn.Embedding(n, self.WIDTH) for n in SIZES[:2])
        self.duration = nn.Linear(self.WIDTH, SIZES[2])

    def octave_logits(self, state: Tensor, pitch_class: Tensor) -> Tensor:
        """Return logits [..., octaves] from outputs [..., H] and pitch classes int64 [...]."""
        return self.octave(torch.tanh(self.octave_hidden(state) + self.octave_given(pitch_class)))

    def duration_logits(self, state: Tensor, pitch_class: Tensor, octave: Tensor) -> Tensor:
        """Return logits [..., durations] from outputs [..., H] and two classes int64 [...]."""
        given = self.duration_given[0](pitch_class) + self.duration_given[1](octave)  # [..., 96]
        return self.duration(torch.tanh(self.duration_hidden(state) + given))

    def nats(self, state: Tensor, tokens: Tensor) -> Tensor:
        """Return minus log-probability of each head [..., 3] for tokens int64 [..., 3]."""
        pitch_class, octave, duration = tokens.unbind(-1)  # int64 [...] each
        logits = (
            self.pitch_class(state),
            self.octave_logits(state, pitch_class),
            self.duration_logits(state, pitch_class, octave),
        )
        pairs = zip(logits, (pitch_class, octave, duration), strict=True)
        return torch.stack([nats(head, target) for head, target in pairs], dim=-1)
