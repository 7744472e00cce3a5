"""Features of each key in the step of a note-list model: `keyboard.Keyboard` on one frame.

The equations are those of `export.models.polyphony.keyboard`.
Conventions: K candidates, 88 keys and END, C planes, D features, H width of the context.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.frames.step import zeros
from export.models.polyphony.frame_model import KEYS, LOWEST
from export.models.polyphony.keyboard import NEAR, NEXT, OCTAVE, WIDE
from export.models.polyphony.note_list import NoteList
from export.step_graph.gather import look
from stream.errors import CorpusError


class Keys(nn.Module):
    """Features of the keys, and the overview of them that the writer begins with.

    All that the keys see lies in one row, from which one product takes it: the planes, their pitch
    classes, and a zero for what is beyond the keyboard. END is a key without features.
    """

    weight: Tensor
    pitch: Tensor
    wide: Tensor
    is_key: Tensor
    places: Tensor
    wide_places: Tensor
    octaves: Tensor

    def __init__(self, model: NoteList) -> None:
        super().__init__()
        keyboard = model.keyboard
        if keyboard is None or keyboard.harmony is not None:
            raise CorpusError("a note-list with a second layer of its keyboard cannot be a voice")
        self.to_context, self.mix, self.overview = keyboard.context, keyboard.mix, model.overview
        planes = keyboard.others.in_features // NEXT
        seen = (keyboard.near, keyboard.others, keyboard.tonality)
        self.register_buffer("weight", torch.cat([x.weight.detach().T for x in seen]))
        self.register_buffer("pitch", F.pad(keyboard.pitch.detach() + seen[0].bias, (0, 0, 0, 1)))
        self.register_buffer("wide", keyboard.wide.weight.detach()[:, 0].T.contiguous())
        self.register_buffer("is_key", F.pad(torch.ones(KEYS, 1), (0, 0, 0, 1)))
        self.register_buffer("places", places(planes))
        self.register_buffer("wide_places", around(WIDE, KEYS))
        classes = (LOWEST + torch.arange(KEYS)) % OCTAVE
        self.register_buffer("octaves", F.one_hot(classes, OCTAVE).float())

    def forward(self, planes: list[Tensor], context: Tensor) -> tuple[Tensor, Tensor]:
        """Return the writer's first state [K, H], and features [K, 89, D]; `planes` are [K, 88]."""
        ends = [planes[0] @ self.octaves, planes[-1] @ self.octaves]  # [K, 12] each
        row = torch.cat([*planes, *ends, zeros(context[:, :1])], -1)  # [K, 88 C + 25]
        x = look(row, self.places) @ self.weight  # [K, 89, D]
        x = F.silu(x + self.to_context(context)[:, None] + self.pitch) * self.is_key  # [K, 89, D]
        wide = (look(x, self.wide_places) * self.wide).sum(2)  # [K, 89, D]
        features = (x + F.silu(self.mix(x) + wide)) * self.is_key  # [K, 89, D]
        return torch.tanh(context + self.overview(features.sum(1) / KEYS)), features


def places(planes: int) -> Tensor:
    """Return the places of each key's inputs in the row of `Keys` [89, 25 + 5 C + 24]."""
    zero = planes * KEYS + 2 * OCTAVE
    others = [around(NEXT, zero, i * KEYS) for i in range(planes)]
    classes = (LOWEST + torch.arange(KEYS + 1)) % OCTAVE
    turned = planes * KEYS + (classes[:, None] + torch.arange(OCTAVE)) % OCTAVE
    found = torch.cat([around(NEAR, zero), *others, turned, turned + OCTAVE], 1)
    found[KEYS] = zero
    return found


def around(keys: int, beyond: int, begin: int = 0) -> Tensor:
    """Return the places of the keys around each key in a plane that begins there [89, keys].

    `beyond` is where it looks for keys that there are not.
    """
    seen = torch.arange(KEYS + 1)[:, None] + torch.arange(keys) - keys // 2
    there = (seen >= 0) & (seen < KEYS)
    there[KEYS] = False
    return torch.where(there, seen + begin, beyond)
