"""A frame as a list: its pitches in descending order, then END, one after the other.

ln P(v) is the sum of what each takes, with no normaliser to estimate: only lower keys, or END, may
follow a key. Conventions: M frames, H width, D features of a key, 88 keys.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.models.polyphony.frame_model import KEYS

END = KEYS


def as_lists(v: Tensor) -> tuple[Tensor, Tensor]:
    """Keys of each frame of `v` [M, 88] in descending order, then END; and their number [M]."""
    count = v.sum(1).long()
    most = int(count.max()) if len(v) else 0
    keys = torch.where(v > 0, torch.arange(KEYS, device=v.device), -1)
    top = keys.topk(most, dim=1).values
    lists = torch.where(top < 0, END, top)
    return torch.cat([lists, lists.new_full((len(v), 1), END)], dim=1), count


class Descent(nn.Module):
    """A small recurrence over the notes of a frame."""

    def __init__(self, width: int, features: int, dropout: float) -> None:
        super().__init__()
        self.note = nn.Embedding(KEYS + 1, width)
        self.cell = nn.GRUCell(width + features, width)
        self.pitch = nn.Linear(width, KEYS + 1)
        self.interval = nn.Linear(width, KEYS, bias=False)
        """Of the fall from the note before: 1 to 87 semitones."""
        self.wanted = nn.Linear(width, features) if features else None
        """Which features a key should have."""
        self.dropout = nn.Dropout(dropout)

    def step(self, h: Tensor, heard: Tensor, keyboard: Tensor | None) -> tuple[Tensor, Tensor]:
        """Logits [M, 89] of the next note after `heard` [M] (END: none yet) and the next h [M, H].

        `keyboard` [M, D, 88]; keys that may not follow have -inf.
        """
        x = self.note(heard)
        if keyboard is not None:
            at = heard[:, None, None].expand(-1, keyboard.shape[1], 1)
            x = torch.cat([x, F.pad(keyboard, (0, 1)).gather(2, at)[..., 0]], 1)
        h = self.cell(x, h)
        dropped = self.dropout(h)
        keys = torch.arange(KEYS, device=h.device)
        first = heard[:, None] == END
        fall = (heard[:, None] - keys - 1).clamp(min=0)
        logits = self.interval(dropped).gather(1, fall).masked_fill(first, 0.0)
        if keyboard is not None and self.wanted is not None:
            logits = logits + (self.wanted(dropped)[:, None] @ keyboard)[:, 0]
        logits = F.pad(logits, (0, 1)) + self.pitch(dropped)
        barred = F.pad(~first & (keys >= heard[:, None]), (0, 1))
        return logits.masked_fill(barred, -torch.inf), h

    def forward(self, h: Tensor, v: Tensor, keyboard: Tensor | None) -> Tensor:
        """Log-likelihood [M] of the frames `v` [M, 88] from the states `h` [M, H]."""
        lists, count = as_lists(v)
        # Longest first: at each place of the lists, the frames that reach it are a slice.
        order = count.argsort(descending=True)
        lists, h = lists[order], h[order]
        keyboard = keyboard[order] if keyboard is not None else None
        total, heard = h.new_zeros(len(v)), lists.new_full((len(v),), END)
        for i in range(lists.shape[1]):
            n = int((count >= i).sum())
            there = keyboard[:n] if keyboard is not None else None
            logits, h = self.step(h[:n], heard[:n], there)
            heard = lists[:n, i]
            gained = F.log_softmax(logits, dim=-1).gather(1, heard[:, None])[:, 0]
            total = torch.cat([total[:n] + gained, total[n:]])
        return torch.zeros_like(total).index_copy(0, order, total)
