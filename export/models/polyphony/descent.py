"""A frame as a list: its pitches in descending order, then END, one after the other.

ln P(v) is the sum of what each takes, with no normaliser to estimate: only lower keys, or END, may
follow a key. Conventions: M frames, L notes, H width, D features of a key, 88 keys.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.models.polyphony.frame_model import KEYS

END = KEYS
FAR = 24
"""Semitones: moves that are farther are not told apart."""
GROUPS = 8
"""In which the frames of a batch are taken, by their number of notes."""


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
        self.notes = nn.GRU(width + features, width, batch_first=True)
        self.pitch = nn.Linear(width, KEYS + 1)
        self.interval = nn.Linear(width, KEYS, bias=False)
        """Of the fall from the note before: 1 to 87 semitones."""
        self.part = nn.Embedding(KEYS + 1, width)
        self.move = nn.Linear(width, 2 * FAR + 1, bias=False)
        """Of the move of a part: the note at the same place in the last frame's list."""
        self.wanted = nn.Linear(width, features) if features else None
        """Which features a key should have."""
        self.dropout = nn.Dropout(dropout)

    def step(
        self, h: Tensor, heard: Tensor, past: Tensor, keyboard: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Logits [M, L, 89] of what follows each of the notes `heard` [M, L], and h [M, H] after.

        `h` [M, H] before them; `past` [M, L] what is in the list of the last frame in place of what
        follows; `keyboard` [M, 88, D]. END stands before the first note; keys that may not follow
        have -inf.
        """
        x = self.note(heard) + self.part(past)
        if keyboard is not None:
            at = heard[..., None].expand(-1, -1, keyboard.shape[2])
            x = torch.cat([x, F.pad(keyboard, (0, 0, 0, 1)).gather(1, at)], 2)
        every, after = self.notes(x, h[None].contiguous())
        dropped = self.dropout(every)
        first = heard[..., None] == END
        keys = torch.arange(KEYS, device=h.device)
        fall = (heard[..., None] - keys - 1).clamp(min=0)
        logits = self.interval(dropped).gather(2, fall).masked_fill(first, 0.0)
        move = (keys - past[..., None]).clamp(-FAR, FAR) + FAR
        unheard = past[..., None] == END
        logits = logits + self.move(dropped).gather(2, move).masked_fill(unheard, 0.0)
        if keyboard is not None and self.wanted is not None:
            logits = logits + self.wanted(dropped) @ keyboard.transpose(1, 2)
        logits = F.pad(logits, (0, 1)) + self.pitch(dropped)
        barred = F.pad(~first & (keys >= heard[..., None]), (0, 1))
        return logits.masked_fill(barred, -torch.inf), after[0]

    def forward(self, h: Tensor, v: Tensor, last: Tensor, keyboard: Tensor | None) -> Tensor:
        """Log-likelihood [M] of the frames `v` after the frames `last` [M, 88] each, from `h`."""
        lists, count = as_lists(v)
        past, _ = as_lists(last)
        past = F.pad(past, (0, max(lists.shape[1] - past.shape[1], 0)), value=END)
        # Frames of about as many notes together: little is computed after an END.
        order = count.argsort()
        size = max(-(-len(v) // GROUPS), 1)
        h, lists, past, count = (x[order].split(size) for x in (h, lists, past, count))
        boards = (None,) * len(h) if keyboard is None else keyboard[order].split(size)
        parts = [self._nats(*group) for group in zip(h, lists, past, count, boards, strict=True)]
        return torch.zeros(len(v), device=v.device).index_copy(0, order, torch.cat(parts))

    def _nats(
        self, h: Tensor, lists: Tensor, past: Tensor, count: Tensor, keyboard: Tensor | None
    ) -> Tensor:
        most = int(count.max()) + 1 if len(count) else 1
        lists = lists[:, :most]
        heard = F.pad(lists[:, :-1], (1, 0), value=END)
        logits, _ = self.step(h, heard, past[:, :most], keyboard)
        gained = F.log_softmax(logits, dim=-1).gather(2, lists[..., None])[..., 0]
        beyond = torch.arange(most, device=h.device) > count[:, None]
        return gained.masked_fill(beyond, 0.0).sum(1)
