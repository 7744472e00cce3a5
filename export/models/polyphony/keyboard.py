"""Features of each key, by the same small network on all 88, which reads the keys around each.

Weights shared over the keys depend on intervals rather than pitches (the idea of the BALSTM of
Johnson 2017), so that a chord is learned in all keys at once; a bias of each pitch is added:

    x_k = silu(N last[k-12..k+12] + O planes[k-2..k+2] + T classes turned to k + C context + b_k)
    x_k = x_k + silu(M x_k + conv(x)[k])
    x_k = x_k + W_d silu(W_u norm(x)[k + consonant intervals] + C' context)        (harmony)

Conventions: M frames, C planes, D features, H width of the context, 88 keys; float32.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from export.models.polyphony.frame_model import KEYS, LOWEST

OCTAVE = 12
NEAR, NEXT, WIDE = 25, 5, 13
"""Widths in keys: of the window on the last frame, on the other planes, of the second layer."""
CONSONANT = (-12, -7, -4, 0, 3, 5, 12)
"""Semitones to the keys that `Harmony` reads: octaves, fifths and thirds."""


class Harmony(nn.Module):
    """A second layer, which reads the features of the keys in consonance with each key."""

    def __init__(self, features: int, width: int, context: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.up = nn.Linear(len(CONSONANT) * features, width)
        self.context = nn.Linear(context, width, bias=False)
        self.down = nn.Linear(width, features)

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        """Return `x` [M, 88, D] plus the output of the layer, in `context` [M, H]."""
        far = max(CONSONANT)
        seen = F.pad(self.norm(x), (0, 0, far, far))  # [M, 88 + 24, D]
        seen = torch.cat([seen[:, far + d : far + d + KEYS] for d in CONSONANT], 2)  # [M, 88, 7 D]
        return x + self.down(F.silu(self.up(seen) + self.context(context)[:, None]))  # [M, 88, D]


class Keyboard(nn.Module):
    """Features [M, 88, D] of the keys, from planes [M, C, 88] and the context [M, H].

    The first plane is the last frame, the last plane a slow trace of the frames so far: their pitch
    classes are read too, rotated so that each key is the tonic.
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
        # Windows [M, 88, 25] and [M, 88, 5 C] become features [M, 88, D].
        x = self.near(around(planes[:, :1], NEAR)) + self.others(around(planes, NEXT))
        x = x + self._tonality(planes[:, [0, -1]])  # [M, 88, D]
        x = F.silu(x + self.context(context)[:, None] + self.pitch)  # [M, 88, D]
        wide = self.wide(x.transpose(1, 2)).transpose(1, 2)  # [M, 88, D]
        x = x + F.silu(self.mix(x) + wide)  # [M, 88, D]
        if self.harmony is not None:
            x = self.harmony(x, context)  # [M, 88, D]
        return self.dropout(x.transpose(1, 2)).transpose(1, 2)  # whole features are dropped

    def _tonality(self, planes: Tensor) -> Tensor:
        """Return features [M, 88, D] of the pitch classes of `planes` [M, 2, 88]."""
        low = LOWEST % OCTAVE
        octaves = F.pad(planes, (low, -(low + KEYS) % OCTAVE)).unflatten(-1, (-1, OCTAVE))
        classes = octaves.sum(2)  # [M, 2, 12]
        # Each class in turn comes first. [M, 2, 12, 12]
        turned = torch.cat([classes, classes[..., :-1]], -1).unfold(2, OCTAVE, 1)
        turned = self.tonality(turned.transpose(1, 2).flatten(2))  # [M, 12, D]
        return turned.repeat(1, (low + KEYS) // OCTAVE + 1, 1)[:, low : low + KEYS]


def around(planes: Tensor, keys: int) -> Tensor:
    """Return the window of so many keys around each: [M, 88, C keys] of `planes` [M, C, 88]."""
    seen = F.pad(planes, (keys // 2, keys // 2)).unfold(2, keys, 1)  # [M, C, 88, keys]
    return seen.transpose(1, 2).flatten(2)
