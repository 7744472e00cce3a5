"""Frames as lists of notes: a recurrence over frames, a second one inside the frame.

A frame is written as its pitches in descending order and END, so that ln P(v_t | v_<t) is a sum of
exact conditionals, one for each note, with no normaliser to estimate.
Conventions: T frames, B rows, N tokens (the notes of all frames and their ENDs), H width.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.models.polyphony.frame_model import KEYS, Exact, FrameConfig, last_of_each_row

END = KEYS


@dataclass(frozen=True)
class NoteListConfig(FrameConfig):
    """Sizes of the two recurrences."""

    hidden: int = 200
    head: int = 128
    dropout: float = 0.5


class NoteList(Exact):
    """GRU over frames; GRU over the notes of a frame."""

    Config = NoteListConfig

    def __init__(self, config: NoteListConfig) -> None:
        super().__init__(config, config.hidden + KEYS)
        self.frames = nn.GRU(KEYS, config.hidden)
        self.context = nn.Linear(config.hidden, config.head)
        self.note = nn.Embedding(KEYS + 1, config.head)
        self.notes = nn.GRUCell(config.head, config.head)
        self.logits = nn.Linear(config.head, KEYS + 1)
        self.dropout = nn.Dropout(config.dropout)

    def log_likelihood(self, v: Tensor, mask: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        hidden, last = state.split([self.width - KEYS, KEYS], dim=1)
        before = torch.cat([last[None], v[:-1]])
        h, _ = self.frames(before, hidden[None].contiguous())
        after = last_of_each_row(torch.cat([h, v], dim=2), mask, state)
        nats = torch.zeros(mask.shape)
        nats[mask] = self._frame(torch.tanh(self.context(self.dropout(h[mask]))), v[mask])
        return nats, after

    def _frame(self, context: Tensor, v: Tensor) -> Tensor:
        """Log P of the frames `v` [M, 88] under their contexts [M, H]."""
        lists, count = as_lists(v)
        nats = torch.zeros(len(v))
        below = torch.arange(KEYS + 1)
        order = count.argsort(descending=True)
        lists, h = lists[order], context[order]
        total = nats[order]
        heard = torch.full((len(v),), END)
        for i in range(lists.shape[1]):
            n = int((count >= i).sum())
            x = self.note(heard[:n])
            h = self.notes(x, h[:n])
            logits = self.logits(self.dropout(h))
            # Only lower keys, or END, may follow; the first is free.
            if i:
                barred = (below >= heard[:n, None]) & (below < END)
                logits = logits.masked_fill(barred, -torch.inf)
            heard = lists[:n, i]
            gained = F.log_softmax(logits, dim=-1).gather(1, heard[:, None])[:, 0]
            total = torch.cat([total[:n] + gained, total[n:]])
        return nats.index_copy(0, order, total)


def as_lists(v: Tensor) -> tuple[Tensor, Tensor]:
    """Keys of each frame of `v` [M, 88] in descending order, then END; and their number [M]."""
    count = v.sum(1).long()
    most = int(count.max()) if len(v) else 0
    keys = torch.where(v > 0, torch.arange(KEYS, device=v.device), -1)
    top = keys.topk(most, dim=1).values
    lists = torch.where(top < 0, END, top)
    return torch.cat([lists, lists.new_full((len(v), 1), END)], dim=1), count
