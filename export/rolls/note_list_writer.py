"""The notes of a frame from the highest down: `descent.Descent`, twelve times over.

The equations are those of `export.models.polyphony.descent`. A graph of a voice costs by its nodes.
So what depends on nothing but a key is a table, all outputs of the recurrence are one product, and
probabilities of all notes are computed at once. Conventions: K candidates, H width, D features of a
key, 88 keys and END.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.frames.step import Options
from export.models.polyphony.descent import FAR, Descent
from export.models.polyphony.frame_model import KEYS
from export.models.step import log_prob_and_entropy
from stream.compose.polyphony.roll_frames import END, SLOTS

NEVER = -1e9
"""A logit of what may not follow."""
MOVES = 2 * FAR + 1
ZERO, BARRED = MOVES + KEYS, MOVES + KEYS + 1
"""Columns of the choices, after those of the moves and of the falls: 0 and `NEVER`."""


class Writer(nn.Module):
    """Tokens of a frame, their log-probability and entropy."""

    note_gates: Tensor
    past_gates: Tensor
    feature_weight: Tensor
    state_weight: Tensor
    state_bias: Tensor
    out: Tensor
    out_bias: Tensor
    moves: Tensor
    falls: Tensor
    one_hot: Tensor

    def __init__(self, notes: Descent) -> None:
        super().__init__()
        gru, width = notes.notes, notes.notes.hidden_size
        # Torch declares the weights of a GRU as `Tensor | Module`.
        (into, recurrent, bias, recurrent_bias), *_ = gru.all_weights
        to_gates = into.detach()
        by_key = to_gates[:, :width].T
        own = notes.note.weight.detach() @ by_key + bias.detach()
        self.register_buffer("note_gates", own)
        self.register_buffer("past_gates", notes.part.weight.detach() @ by_key)
        self.register_buffer("feature_weight", to_gates[:, width:].T.contiguous())
        self.register_buffer("state_weight", recurrent.detach().T.contiguous())
        self.register_buffer("state_bias", recurrent_bias.detach())
        weight = [notes.pitch.weight, notes.move.weight, notes.interval.weight]
        weight.append(torch.zeros(2, width))
        biases = [notes.pitch.bias, torch.zeros(MOVES + KEYS + 1), torch.tensor([NEVER])]
        if notes.wanted is not None:
            weight.append(notes.wanted.weight)
            biases.append(notes.wanted.bias)
        self.register_buffer("out", torch.cat(weight).detach().T.contiguous())
        self.register_buffer("out_bias", torch.cat(biases).detach())
        self.register_buffer("moves", moves())
        self.register_buffer("falls", falls())
        self.register_buffer("one_hot", torch.eye(END + 1))

    def forward(
        self, h: Tensor, last: Tensor, features: Tensor | None, options: Options
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return tokens [K, 12], log-probability and entropy [K] after the frame `last` [K, 12].

        `h` [K, H] is the first state, `features` are [K, 89, D].
        """
        # The start token stands for a frame without notes.
        past = torch.clamp(last, max=END)
        gates = F.embedding(past, self.past_gates)  # [K, 12, 3 H]
        moves = F.embedding(past, self.moves)  # [K, 12, classes]
        tokens: list[Tensor] = []
        every: list[Tensor] = []
        for slot in range(SLOTS):
            # Gates [K, 3 H], state [K, H], logits [K, 89].
            x = gates[:, slot] + self._note_gates(tokens, features)
            h = gated(x, torch.addmm(self.state_bias, h, self.state_weight), h)
            logits = self._logits(h, moves[:, slot], tokens, features)
            tokens.append(options.choose(slot, logits))
            every.append(logits)
        token = torch.stack(tokens, -1)  # [K, 12]
        log_prob, entropy = log_prob_and_entropy(torch.stack(every, 1), token)
        return token, log_prob.sum(-1), entropy.sum(-1)

    def _note_gates(self, tokens: list[Tensor], features: Tensor | None) -> Tensor:
        """Return what the note before adds to the gates [K, 3 H].

        END, which has no features, stands before the first note.
        """
        if not tokens:
            return self.note_gates[END]
        x = F.embedding(tokens[-1], self.note_gates)
        if features is None:
            return x
        here = F.embedding(tokens[-1], self.one_hot)[:, None] @ features
        return x + here[:, 0] @ self.feature_weight

    def _logits(
        self, h: Tensor, moves: Tensor, tokens: list[Tensor], features: Tensor | None
    ) -> Tensor:
        """Return logits [K, 89] of the keys below the note before; after END of END alone."""
        out = torch.addmm(self.out_bias, h, self.out)
        logits, choices = out[:, : END + 1], out[:, END + 1 : END + BARRED + 2]
        logits = logits + torch.gather(choices, 1, moves.to(torch.int64))
        if features is not None:
            weight = out[:, END + BARRED + 2 :]  # [K, D]
            logits = logits + (features @ weight[:, :, None])[..., 0]
        if not tokens:
            return logits
        falls = F.embedding(tokens[-1], self.falls)
        return logits + torch.gather(choices, 1, falls.to(torch.int64))


def gated(x: Tensor, recurrent: Tensor, h: Tensor) -> Tensor:
    """Return a GRU's next state [K, H] from the products [K, 3 H] with its input and its state.

    With x the products with the input and s those with the state (Cho et al. 2014, as torch has
    it):

        r, z = sigmoid(x_rz + s_rz),  n = tanh(x_n + r * s_n),  h' = n + z * (h - n)
    """
    width = 2 * x.shape[-1] // 3
    gates = torch.sigmoid(x[..., :width] + recurrent[:, :width])
    r, z = gates.chunk(2, dim=-1)
    n = torch.tanh(x[..., width:] + r * recurrent[:, width:])
    return n + z * (h - n)


def moves() -> Tensor:
    """Return which choice counts for each key after each note of the last frame, uint8 [89, 89]."""
    keys = torch.arange(KEYS)
    found = torch.full((END + 1, END + 1), ZERO)
    found[:KEYS, :KEYS] = (keys - keys[:, None]).clamp(-FAR, FAR) + FAR
    return found.to(torch.uint8)


def falls() -> Tensor:
    """Return which choice counts for each key after each note of this frame, uint8 [89, 89]."""
    keys = torch.arange(KEYS)
    found = torch.full((END + 1, END + 1), BARRED)
    fall = keys[:, None] - keys
    found[:KEYS, :KEYS] = torch.where(fall > 0, MOVES + fall - 1, BARRED)
    found[:, END] = ZERO
    return found.to(torch.uint8)
