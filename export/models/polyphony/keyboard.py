"""What there is to say of each key: the same small network on all 88, looking at its neighbours.

Weights shared over the keys know intervals rather than pitches (the idea of Johnson's BALSTM,
2017), so that a chord is learnt in all keys at once; what belongs to a pitch itself is added.
Conventions: M frames, C planes, D features, H width of the context, 88 keys.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.models.polyphony.frame_model import KEYS, LOWEST

OCTAVE = 12
NEAR, NEXT, WIDE = 25, 5, 13
"""Keys that are seen around one: of the last frame, of the other planes, by the second layer."""


CONSONANT = (-12, -7, -4, 0, 3, 5, 12)
"""Semitones to the keys that `Harmony` looks at: octaves, fifths and thirds."""


class Harmony(nn.Module):
    """A second layer: what the keys in harmony with a key have to say of it."""

    def __init__(self, features: int, width: int, context: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.up = nn.Linear(len(CONSONANT) * features, width)
        self.context = nn.Linear(context, width, bias=False)
        self.down = nn.Linear(width, features)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """`x` [M, 88, D] and what is added to it."""
        far = max(CONSONANT)
        seen = F.pad(self.norm(x), (0, 0, far, far))
        seen = torch.cat([seen[:, far + d : far + d + KEYS] for d in CONSONANT], 2)
        return x + self.down(F.silu(self.up(seen) + self.context(context)[:, None]))


class Keyboard(nn.Module):
    """Features [M, 88, D] of the keys, from planes [M, C, 88] and the context [M, H].

    The first plane is the last frame, the last plane a slow trace of what has sounded: their pitch
    classes are seen too, turned so that each key is the tonic.
    """

    def __init__(
        self, planes: int, features: int, context: int, *, harmony: int = 0, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.near = nn.Linear(NEAR, features)
        self.others = nn.Linear(planes * NEXT, features, bias=False)
        self.tonality = nn.Linear(2 * OCTAVE, features, bias=False)
        self.pitch = nn.Parameter(torch.randn(KEYS, features) * 0.02)
        self.context = nn.Linear(context, features)
        self.mix = nn.Linear(features, features)
        self.wide = nn.Conv1d(
            features, features, WIDE, padding=WIDE // 2, groups=features, bias=False
        )
        self.harmony = Harmony(features, harmony, context) if harmony else None
        self.dropout = nn.Dropout1d(dropout)

    def forward(self, planes: Tensor, context: Tensor) -> Tensor:
        x = self.near(around(planes[:, :1], NEAR)) + self.others(around(planes, NEXT))
        x = x + self._tonality(planes[:, [0, -1]])
        x = F.silu(x + self.context(context)[:, None] + self.pitch)
        wide = self.wide(x.transpose(1, 2)).transpose(1, 2)
        x = x + F.silu(self.mix(x) + wide)
        if self.harmony is not None:
            x = self.harmony(x, context)
        return self.dropout(x.transpose(1, 2)).transpose(1, 2)

    def _tonality(self, planes: Tensor) -> Tensor:
        low = LOWEST % OCTAVE
        classes = F.pad(planes, (low, -(low + KEYS) % OCTAVE)).unflatten(-1, (-1, OCTAVE)).sum(2)
        # Each class in turn comes first.
        turned = torch.cat([classes, classes[..., :-1]], -1).unfold(2, OCTAVE, 1)
        turned = self.tonality(turned.transpose(1, 2).flatten(2))
        return turned.repeat(1, (low + KEYS) // OCTAVE + 1, 1)[:, low : low + KEYS]


def around(planes: Tensor, keys: int) -> Tensor:
    """What each key sees of so many keys around it: [M, 88, C * keys] of `planes` [M, C, 88]."""
    seen = F.pad(planes, (keys // 2, keys // 2)).unfold(2, keys, 1)
    return seen.transpose(1, 2).flatten(2)
