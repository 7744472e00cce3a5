"""Baselines of the note-list with the same training steps: a small Transformer and a flat GRU.

Both have exact likelihoods and write a frame in descending order, as the note-list does, without
its recall, keyboard, and clock:

- `FrameTransformer`: causal self-attention (Vaswani et al. 2017) over at least the last N frames,
  with a learned bias of each distance, and the note-list's own writer of a frame;
- `FlatGRU`: one recurrence over the notes of all frames, with how long each note has sounded, as
  in TonicNet (Peracha 2019), which is given chords and voices too; here there are neither.

Conventions: T frames, B rows, N frames of the window, M frames that are masked in, L notes, H
width; float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.models.polyphony.descent import END, Descent, as_lists
from export.models.polyphony.frame_model import KEYS, Exact, FrameConfig
from export.training.kinds import FRAMES, Kind, Kinds

LONGEST = 32
"""Frames up to which the flat GRU tells apart how long a note has sounded."""


@dataclass(frozen=True)
class TransformerConfig(FrameConfig):
    """Sizes of the Transformer."""

    width: int = 160
    """H."""
    layers: int = 3
    heads: int = 4
    window: int = 128
    """N: frames that are carried from chunk to chunk; those of the chunk are seen as well."""
    dropout: float = 0.3


class Block(nn.Module):
    """A layer of attention and a layer of two products, each after a normalization."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        width = config.width
        self.heads, self.dropout = config.heads, config.dropout
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.looked = nn.Linear(width, 3 * width)
        self.mixed = nn.Linear(width, width)
        self.distance = nn.Parameter(torch.zeros(config.heads, config.window))
        self.wide, self.narrow = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: Tensor, back: Tensor, barred: Tensor) -> Tensor:
        """Return `x` [B, S, H] after the layer.

        `back` int64 [S, S] are the distances, `barred` bool [B, S, S] is true where none may look.
        """
        b, s, width = x.shape
        parts = self.looked(self.before(x)).view(b, s, 3, self.heads, -1)  # [B, S, 3, heads, D]
        q, k, v = parts.permute(2, 0, 3, 1, 4)  # [B, heads, S, D] each
        bias = self.distance[:, back.clamp(0, self.distance.shape[1] - 1)]  # [heads, S, S]
        bias = bias.masked_fill(barred[:, None], -torch.inf)  # [B, heads, S, S]
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=bias)  # [B, heads, S, D]
        x = x + self._dropped(self.mixed(seen.transpose(1, 2).reshape(b, s, width)))
        return x + self._dropped(self.narrow(F.gelu(self.wide(self.between(x)))))

    def _dropped(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.dropout, self.training)


class FrameTransformer(Exact):
    """The Transformer; its state [B, 88 N + 1] is the window and the number of the frame."""

    Config = TransformerConfig
    config: TransformerConfig

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__(config, KEYS * config.window + 1)
        self.frame = nn.Linear(KEYS, config.width)
        self.head = nn.Parameter(torch.zeros(config.width))
        """Input before the first frame."""
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.last = nn.LayerNorm(config.width)
        self.notes = Descent(config.width, 0, config.dropout)

    def log_likelihood(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        n, (t, b) = self.config.window, v.shape[:2]
        window, number = state.split([KEYS * n, 1], 1)
        frames = torch.cat([window.view(b, n, KEYS), v.transpose(0, 1)], 1)  # [B, N + T, 88]
        place = torch.arange(n + t - 1)  # int64 [S]: all frames but the last are heard
        there = place >= n - number  # bool [B, S]
        x = torch.where(there[..., None], self.frame(frames[:, :-1]), self.head)  # [B, S, H]
        back = place[:, None] - place  # int64 [S, S]
        # The place before the head of the piece holds the learned input.
        hidden = (place < n - 1 - number)[:, None]  # bool [B, 1, S]
        barred = ((back < 0) | hidden) & (back != 0)  # bool [B, S, S]
        for block in self.blocks:
            x = block(x, back, barred)
        context = torch.tanh(self.last(x))[:, n - 1 :].transpose(0, 1)  # [T, B, H]
        last = frames[:, n - 1 : -1].transpose(0, 1)  # [T, B, 88]
        nats = v.new_zeros(mask.shape)  # [T, B]
        nats[mask] = self.notes(context[mask], v[mask], last[mask], None)
        count = mask.sum(0)  # int64 [B]
        kept = (count[:, None] + torch.arange(n))[..., None].expand(-1, -1, KEYS)
        after = frames.gather(1, kept).flatten(1)  # [B, 88 N]
        return nats, torch.cat([after, number + count[:, None]], 1)


@dataclass(frozen=True)
class FlatConfig(FrameConfig):
    """Sizes of the flat GRU."""

    width: int = 200
    """H."""
    layers: int = 2
    dropout: float = 0.3


class FlatGRU(Exact):
    """The recurrence over all notes; its state [B, layers H + 88] has the ages of the keys."""

    Config = FlatConfig
    config: FlatConfig

    def __init__(self, config: FlatConfig) -> None:
        super().__init__(config, config.layers * config.width + KEYS)
        self.note = nn.Embedding(KEYS + 1, config.width)
        self.age = nn.Embedding(LONGEST, config.width)
        self.layers = nn.ModuleList(
            nn.GRU(config.width, config.width, batch_first=True) for _ in range(config.layers)
        )
        self.pitch = nn.Linear(config.width, KEYS + 1)
        self.dropout = nn.Dropout(config.dropout)

    def log_likelihood(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        hidden, age = state.split([self.width - KEYS, KEYS], 1)
        ages = [age]
        for frame in v:  # [B, 88]
            ages.append((ages[-1] + 1) * frame)
        ages = torch.stack(ages)  # [T + 1, B, 88]
        tokens, frame, sizes = _rows(v, mask)  # int64 [B, L], int64 [B, L], int64 [B]
        before = F.pad(tokens[:, :-1], (1, 0), value=END)  # int64 [B, L]
        keys = before.clamp(max=KEYS - 1)
        rows = torch.arange(v.shape[1])[:, None]
        sounded = ages[frame + 1, rows, keys].masked_fill(before == END, 0)  # [B, L]
        x = self.note(before) + self.age(sounded.long().clamp(max=LONGEST - 1))  # [B, L, H]
        h = hidden.split(self.config.width, 1)  # [B, H] of each layer
        ends, rows = (sizes - 1).clamp(min=0), torch.arange(len(sizes))
        carried = []
        for layer, before_chunk in zip(self.layers, h, strict=True):
            x, _ = layer(self.dropout(x), before_chunk[None].contiguous())  # [B, L, H]
            carried.append(torch.where(sizes[:, None] > 0, x[rows, ends], before_chunk))
        logits = self.pitch(self.dropout(x))  # [B, L, 89]
        lower = (before[..., None] != END) & (torch.arange(KEYS) >= before[..., None])
        logits = logits.masked_fill(F.pad(lower, (0, 1)), -torch.inf)
        log_p = logits.log_softmax(-1).gather(2, tokens[..., None])[..., 0]  # [B, L]
        beyond = torch.arange(tokens.shape[1]) >= sizes[:, None]
        nats = v.new_zeros(v.shape[1], v.shape[0])  # [B, T]
        nats = nats.scatter_add(1, frame, log_p.masked_fill(beyond, 0.0))
        return nats.T, torch.cat([*carried, ages[mask.sum(0), rows]], 1)


def _rows(v: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the notes of each row's frames, one after the other, and the frame of each [B, L].

    The third is the number of the notes of each row [B]. All are int64; the rows are padded.
    """
    b = v.shape[1]
    place = mask.T.nonzero()  # int64 [M, 2]: row, frame, in order
    lists, count = as_lists(v.transpose(0, 1)[mask.T])  # int64 [M, L], int64 [M]
    sizes = torch.zeros(b, dtype=torch.int64).index_add(0, place[:, 0], count + 1)
    longest = max(int(sizes.max()), 1)
    used = torch.arange(lists.shape[1]) <= count[:, None]  # bool [M, L]
    at = torch.arange(longest) < sizes[:, None]  # bool [B, longest]
    tokens = torch.full((b, longest), END).masked_scatter(at, lists[used])
    frames = place[:, 1:].expand(-1, lists.shape[1])[used]
    return tokens, torch.zeros(b, longest, dtype=torch.int64).masked_scatter(at, frames), sizes


BASELINES: Kinds = {
    "frame-transformer": Kind(TransformerConfig, FrameTransformer),
    "flat-gru": Kind(FlatConfig, FlatGRU),
}
KINDS: Kinds = {**FRAMES, **BASELINES}
"""All models that the evaluator reads."""
