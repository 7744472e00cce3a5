"""A frame as a list: its pitches in descending order, then END, one after the other.

    ln P(v) = sum_l ln P(n_l | n_1 .. n_(l-1), context),  n_1 > n_2 > ... > END

This is exact, without a normalizing constant to estimate: only lower keys, or END, may follow a
key. The order of notes is that of BachBot (Liang 2016). With g a GRU over the notes of a frame,

    h_l = g([E n_(l-1) + E' p_l; K n_(l-1)], h_(l-1))
    logit(k) = A h_l[k] + I h_l[n_(l-1) - k] + M h_l[k - p_l] + (W h_l)' K k

where p_l is the note at place l in the list of the last frame and K k the features of key k.
Conventions: M frames, L notes, H width, D features of a key, 88 keys; float32, keys int64.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.models.polyphony.frame_model import KEYS

END = KEYS
FAR = 24
"""Semitones beyond which moves are not distinguished."""
GROUPS = 8
"""Groups of frames with about as many notes that a batch is split into."""


def as_lists(v: Tensor) -> tuple[Tensor, Tensor]:
    """Return the keys of each frame of `v` [M, 88] in descending order, then END; and their number.

    Lists int64 [M, L], numbers int64 [M].
    """
    count = v.sum(1).long()  # int64 [M]
    most = int(count.max()) if len(v) else 0
    keys = torch.where(v > 0, torch.arange(KEYS, device=v.device), -1)  # int64 [M, 88]
    top = keys.topk(most, dim=1).values  # int64 [M, L - 1]
    lists = torch.where(top < 0, END, top)
    return torch.cat([lists, lists.new_full((len(v), 1), END)], dim=1), count


class Descent(nn.Module):
    """A small recurrence over the notes of a frame."""

    def __init__(self, width: int, features: int, dropout: float) -> None:
        super().__init__()
        self.note = nn.Embedding(KEYS + 1, width)
        self.notes = nn.GRU(width + features, width, batch_first=True)
        self.pitch = nn.Linear(width, KEYS + 1)
        self.interval = nn.Linear(width, KEYS, bias=False)
        """Logits I of the fall from the note before: 1 to 87 semitones."""
        self.part = nn.Embedding(KEYS + 1, width)
        self.move = nn.Linear(width, 2 * FAR + 1, bias=False)
        """Logits M of the move from the note at the same place in the last frame's list."""
        self.wanted = nn.Linear(width, features) if features else None
        """Weights W of the features of a key."""
        self.dropout = nn.Dropout(dropout)

    def step(
        self, h: Tensor, before: Tensor, past: Tensor, keyboard: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return logits [M, L, 89] of the note after each of `before`, and the last h [M, H].

        `h` [M, H] at the start; `before` int64 [M, L], with END before the first note; `past` int64
        [M, L], the notes at the places of those that follow in the list of the last frame;
        `keyboard` [M, 88, D]. Keys that may not follow have -inf.
        """
        x = self.note(before) + self.part(past)  # [M, L, H]
        if keyboard is not None:
            at = before[..., None].expand(-1, -1, keyboard.shape[2])  # int64 [M, L, D]
            x = torch.cat([x, F.pad(keyboard, (0, 0, 0, 1)).gather(1, at)], 2)  # [M, L, H + D]
        every, after = self.notes(x, h[None].contiguous())  # [M, L, H], [1, M, H]
        dropped = self.dropout(every)  # [M, L, H]
        first = before[..., None] == END  # bool [M, L, 1]
        keys = torch.arange(KEYS, device=h.device)  # int64 [88]
        fall = (before[..., None] - keys - 1).clamp(min=0)  # int64 [M, L, 88]
        logits = self.interval(dropped).gather(2, fall).masked_fill(first, 0.0)  # [M, L, 88]
        move = (keys - past[..., None]).clamp(-FAR, FAR) + FAR  # int64 [M, L, 88]
        missing = past[..., None] == END  # bool [M, L, 1]
        logits = logits + self.move(dropped).gather(2, move).masked_fill(missing, 0.0)
        if keyboard is not None and self.wanted is not None:
            logits = logits + self.wanted(dropped) @ keyboard.transpose(1, 2)  # [M, L, 88]
        logits = F.pad(logits, (0, 1)) + self.pitch(dropped)  # [M, L, 89]
        barred = F.pad(~first & (keys >= before[..., None]), (0, 1))  # bool [M, L, 89]
        return logits.masked_fill(barred, -torch.inf), after[0]

    def forward(self, h: Tensor, v: Tensor, last: Tensor, keyboard: Tensor | None) -> Tensor:
        """Return the log-likelihood [M] of frames `v` [M, 88] after frames `last` [M, 88].

        `h` [M, H] is the state before the first note; `keyboard` [M, 88, D].
        """
        lists, count = as_lists(v)  # int64 [M, L], int64 [M]
        past, _ = as_lists(last)
        past = F.pad(past, (0, max(lists.shape[1] - past.shape[1], 0)), value=END)  # [M, >= L]
        # Frames with about as many notes are computed together: few steps follow an END.
        order = count.argsort()  # int64 [M]
        size = max(-(-len(v) // GROUPS), 1)
        h, lists, past, count = (x[order].split(size) for x in (h, lists, past, count))
        boards = (None,) * len(h) if keyboard is None else keyboard[order].split(size)
        parts = [self._nats(*group) for group in zip(h, lists, past, count, boards, strict=True)]
        return torch.zeros(len(v), device=v.device).index_copy(0, order, torch.cat(parts))  # [M]

    def _nats(
        self, h: Tensor, lists: Tensor, past: Tensor, count: Tensor, keyboard: Tensor | None
    ) -> Tensor:
        """Return the log-likelihood [M] of frames as lists int64 [M, L] of `count` [M] notes."""
        most = int(count.max()) + 1 if len(count) else 1
        lists = lists[:, :most]
        before = F.pad(lists[:, :-1], (1, 0), value=END)  # int64 [M, L]
        logits, _ = self.step(h, before, past[:, :most], keyboard)  # [M, L, 89]
        log_p = F.log_softmax(logits, dim=-1).gather(2, lists[..., None])[..., 0]  # [M, L]
        beyond = torch.arange(most, device=h.device) > count[:, None]  # bool [M, L]
        return log_p.masked_fill(beyond, 0.0).sum(1)
