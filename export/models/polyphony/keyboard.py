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


class Keyboard(nn.Module):
    """Features [M, D, 88] of the keys, from planes [M, C, 88] and the context [M, H].

    The first plane is the last frame, the last plane a slow trace of what has sounded: their pitch
    classes are seen too, turned so that each key is the tonic.
    """

    def __init__(self, planes: int, features: int, context: int, dropout: float) -> None:
        super().__init__()
        self.near = nn.Conv1d(1, features, NEAR, padding=NEAR // 2)
        self.others = nn.Conv1d(planes, features, NEXT, padding=NEXT // 2)
        self.tonality = nn.Conv1d(2, features, OCTAVE)
        self.pitch = nn.Parameter(torch.randn(features, KEYS) * 0.02)
        self.context = nn.Linear(context, features)
        self.mix = nn.Conv1d(features, features, 1)
        self.wide = nn.Conv1d(features, features, WIDE, padding=WIDE // 2, groups=features)
        self.dropout = nn.Dropout(dropout)

    def forward(self, planes: Tensor, context: Tensor) -> Tensor:
        x = self.near(planes[:, :1]) + self.others(planes) + self._tonality(planes[:, [0, -1]])
        x = F.silu(x + self.context(context)[..., None] + self.pitch)
        return self.dropout(x + F.silu(self.mix(x) + self.wide(x)))

    def _tonality(self, planes: Tensor) -> Tensor:
        low = LOWEST % OCTAVE
        classes = F.pad(planes, (low, -(low + KEYS) % OCTAVE)).unflatten(-1, (-1, OCTAVE)).sum(2)
        # Each class in turn comes first.
        turned = self.tonality(torch.cat([classes, classes[..., :-1]], -1))
        return turned.repeat(1, 1, (low + KEYS) // OCTAVE + 1)[..., low : low + KEYS]
