"""What followed when the music was last like this: a fixed window, compared frame by frame.

For every past frame a running score says how alike the frames that led up to it are to those that
have just been heard; it decays, so that a variation costs a little and is got over. The frames
after the likeliest places vote on each key. Nothing here is learnt (weights that were learnt hardly
moved); the window bounds the state, so that a step costs the same for ever.
Conventions: T frames, B rows, N frames of the window (newest last), R scores, 88 keys.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from export.models.polyphony.frame_model import KEYS

RATES = (0.5, 0.8, 0.95)
"""How much of a score is kept from frame to frame: short, middle and long memory."""
WEIGHTS = (12.0, 8.0, 4.0)
"""What a likeness of 1 counts in each."""
DOUBTS = (2.0, 3.0, 4.0)
"""What the vote for nothing counts."""
LAGS = (2, 3, 4, 6, 8, 12, 16)
"""Frames ago: these are shown as they were, for figures that go on and beats that come round."""
WORDS = 4
BITS = KEYS // WORDS
HELD = float(2**BITS)
"""Marks a frame that is there: it keeps a silent frame apart from an empty place."""


def pack(v: Tensor) -> Tensor:
    """Frames [..., 88] as four whole numbers [..., 4], exact in float32."""
    words = (v.unflatten(-1, (WORDS, BITS)) * 2.0 ** torch.arange(BITS, device=v.device)).sum(-1)
    return words + HELD


def unpack(words: Tensor) -> Tensor:
    """Inverse of `pack`; an empty place gives silence."""
    powers = 2.0 ** torch.arange(BITS, device=words.device)
    return ((words[..., None] / powers).floor() % 2).flatten(-2)


class Recall:
    """Votes of the past on the next frame."""

    def __init__(self, reach: int) -> None:
        self.reach = reach
        """N"""
        self.width = reach * (WORDS + len(RATES))
        """Of its state: packed frames, then scores."""
        self.lags = tuple(lag for lag in LAGS if lag <= reach)

    @torch.no_grad()
    def __call__(
        self, v: Tensor, count: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Votes [T, B, R, 88] before each frame of `v` [T, B, 88], their certainty [T, B, R].

        Then the frames of some time ago [T, B, lags, 88], and the state [B, width] after the first
        `count` [B] frames of each row.
        """
        t, b = v.shape[:2]
        words, scores = state.split([self.reach * WORDS, self.reach * len(RATES)], 1)
        words = torch.cat([words.view(b, self.reach, WORDS), pack(v).transpose(0, 1)], 1)
        there = words[..., 0] > 0
        frames = unpack(words)
        grown = self._scores(frames, there, scores.view(b, -1, self.reach), t)
        # A place can vote when the frame after it has been heard.
        place = torch.arange(self.reach + t - 1) - torch.arange(t)[:, None]
        inside = (place >= 0) & (place < self.reach - 1)
        can = (inside & there[:, None, :-1])[:, :, None]
        likeness = grown[:, :-1, :, :-1] * v.new_tensor(WEIGHTS)[:, None]
        doubt = v.new_tensor(DOUBTS)[:, None].expand(b, t, -1, 1)
        share = torch.cat([doubt, likeness.masked_fill(~can, -1e9)], -1).softmax(-1)
        votes = share[..., 1:].flatten(1, 2) @ frames[:, 1:]
        ago = [frames[:, self.reach - lag : self.reach - lag + t] for lag in self.lags]
        past = torch.stack(ago, 2)
        votes = votes.view(b, t, -1, KEYS)
        certainty = 1 - share[..., 0]
        after = self._after(words, grown, count)
        return votes.transpose(0, 1), certainty.transpose(0, 1), past.transpose(0, 1), after

    def _scores(self, frames: Tensor, there: Tensor, scores: Tensor, t: int) -> Tensor:
        """Scores [B, T + 1, R, N + T] of each place before each frame, and after the last."""
        new = frames[:, self.reach :]
        common = new @ frames.transpose(1, 2)
        either = frames.sum(-1)[:, None] + new.sum(-1)[..., None] - common
        # From -1, nothing in common, to 1, the same.
        alike = torch.where(either > 0, 2 * common / either.clamp(min=1) - 1, 1.0)
        alike = alike.masked_fill(~there[:, None], -1.0)
        kept = scores.new_tensor(RATES)[:, None]
        score = F.pad(scores, (0, t))
        grown = [score]
        for i in range(t):
            score = kept * F.pad(score[..., :-1], (1, 0)) + (1 - kept) * alike[:, i, None]
            grown.append(score)
        return torch.stack(grown, 1)

    def _after(self, words: Tensor, grown: Tensor, count: Tensor) -> Tensor:
        b = len(words)
        places = count[:, None] + torch.arange(self.reach)
        words = words.gather(1, places[..., None].expand(-1, -1, WORDS))
        scores = grown[torch.arange(b), count]
        scores = scores.gather(2, places[:, None].expand(-1, len(RATES), -1))
        return torch.cat([words.flatten(1), scores.flatten(1)], 1)
