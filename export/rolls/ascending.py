"""A NADE in the steps of piano rolls: the keys of a frame from the lowest to the highest.

Conventions: K candidates, 88 keys, H hidden units.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.frames.step import Options, sounding, zeros
from export.models.polyphony.frame_model import KEYS
from export.models.polyphony.nade import Ascent
from stream.compose.polyphony.roll_frames import SLOTS


class Ascending(nn.Module):
    """A NADE from its lowest note to its highest; keys that are forced are not drawn.

    Its hidden units change only after a key that sounds: all keys are drawn at once, the lowest
    that sounds is kept, and those above it are drawn again. A frame holds `SLOTS` notes; of one
    that would have more these are the lowest. Forward, a key i that sounds adds its weights W_i:

        h = sigmoid(c + sum_(j<i) v_j W_j),  logit(v_i) = b_i + V_i h

    as in `export.models.polyphony.nade`.
    """

    into: Tensor
    out: Tensor
    keys: Tensor

    def __init__(self, keys: Ascent) -> None:
        super().__init__()
        self.register_buffer("into", keys.heard.detach().clone())
        self.register_buffer("out", keys.said.detach().clone())
        self.register_buffer("keys", torch.arange(KEYS))

    def forward(self, b: Tensor, c: Tensor, options: Options) -> tuple[Tensor, Tensor]:
        """Return keys [K, 88] and their log-odds, from biases b [K or 1, 88] and c [K or 1, H]."""
        forced = sounding(options.force, self.keys)  # [K, 88]
        free = options.force[:, :1] < 0  # [K, 1]
        v = logits = zeros(options.noise)  # [K, 88]
        above, hidden = v + 1, c  # [K, 88], [K or 1, H]
        for _ in range(SLOTS):
            logits, drawn_keys = self._log_odds(torch.sigmoid(hidden), b, (logits, above), options)
            key = above * torch.where(free, drawn_keys, forced)  # [K, 88]
            count = torch.cumsum(key, -1)  # [K, 88]
            lowest = key * (count == 1).to(key.dtype)  # [K, 88]
            v, hidden = v + lowest, hidden + lowest @ self.into
            above = (count - key > 0).to(key.dtype)
        return v, self._log_odds(torch.sigmoid(hidden), b, (logits, above), options)[0]

    def _log_odds(
        self, h: Tensor, b: Tensor, known: tuple[Tensor, Tensor], options: Options
    ) -> tuple[Tensor, Tensor]:
        """Return log-odds, as before for keys not `above`, and keys drawn from them."""
        logits, above = known
        now = torch.where(above > 0, h @ self.out + b, logits)
        return now, drawn(now, options.noise, options)


def drawn(logits: Tensor, noise: Tensor, options: Options) -> Tensor:
    """Return zeros and ones from log-odds and uniform numbers of one shape."""
    return (noise < torch.sigmoid(logits / options.temperature)).to(noise.dtype)
