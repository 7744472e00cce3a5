"""Votes on the next frame from the places in a window of past frames that resemble the present.

For every past frame j a running score s_t(j) compares the frames up to j with the latest ones. It
decays, so that a variation lowers it for a while only. The frames after the most similar places
vote on each key. With a(v, w) the similarity of two frames,

    a(v, w) = 2 |v and w| / |v or w| - 1
    s_t(j) = r s_(t-1)(j - 1) + (1 - r) a(v_t, v_j)
    vote(k) = sum_j softmax([d; w s_t])_j v_(j+1)[k],  d the score of no vote

The method is the project's own. Nothing here is trained (trained weights hardly moved); the window
bounds the state, so that a step always costs the same.
Conventions: T frames, B rows, N frames of the window (newest last), R scores, 88 keys; float32.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from export.models.polyphony.frame_model import KEYS

RATES = (0.5, 0.8, 0.95)
"""Decay r of each of the R scores a frame: short, middle and long memory."""
WEIGHTS = (12.0, 8.0, 4.0)
"""Weight w of each score in the softmax."""
DOUBTS = (2.0, 3.0, 4.0)
"""Logit d of no vote beside each score."""
LAGS = (2, 3, 4, 6, 8, 12, 16)
"""Distances of past frames that are passed on unchanged, for ostinatos and recurring beats."""
WORDS = 4
BITS = KEYS // WORDS
HELD = float(2**BITS)
"""Flag of an occupied place, which distinguishes a silent frame from an empty place."""


def pack(v: Tensor) -> Tensor:
    """Return frames [..., 88] as four whole numbers [..., 4], exact in float32."""
    words = (v.unflatten(-1, (WORDS, BITS)) * 2.0 ** torch.arange(BITS, device=v.device)).sum(-1)
    return words + HELD


def unpack(words: Tensor) -> Tensor:
    """Return the frames [..., 88] of words [..., 4], the inverse of `pack`.

    An empty place gives silence.
    """
    powers = 2.0 ** torch.arange(BITS, device=words.device)
    return ((words[..., None] / powers).floor() % 2).flatten(-2)


class Recall:
    """Votes of the past on the next frame."""

    def __init__(self, reach: int, lags: tuple[int, ...] = LAGS) -> None:
        self.reach = reach
        """N: frames of the window."""
        self.width = reach * (WORDS + len(RATES))
        """Width of the state: packed frames, then scores."""
        self.lags = tuple(lag for lag in lags if lag <= reach)

    @torch.no_grad()
    def __call__(
        self, v: Tensor, count: Tensor, state: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return votes [T, B, R, 88] before each frame of `v` [T, B, 88], certainty [T, B, R].

        The third are the frames `lags` before each [T, B, lags, 88], the fourth is the state
        [B, width] after the first `count` int64 [B] frames of each row.
        """
        t, b = v.shape[:2]
        words, scores = state.split([self.reach * WORDS, self.reach * len(RATES)], 1)
        new = pack(v).transpose(0, 1)  # [B, T, 4]
        words = torch.cat([words.view(b, self.reach, WORDS), new], 1)  # [B, N + T, 4]
        there = words[..., 0] > 0  # bool [B, N + T]
        frames = unpack(words)  # [B, N + T, 88]
        # Scores before each frame, and after the last. [B, T + 1, R, N + T]
        grown = self._scores(frames, there, scores.view(b, -1, self.reach), t)
        # A place votes from the time on when the frame after it is known.
        place = torch.arange(self.reach + t - 1) - torch.arange(t)[:, None]  # [T, N + T - 1]
        inside = (place >= 0) & (place < self.reach - 1)
        can = (inside & there[:, None, :-1])[:, :, None]  # bool [B, T, 1, N + T - 1]
        likeness = grown[:, :-1, :, :-1] * v.new_tensor(WEIGHTS)[:, None]  # [B, T, R, N + T - 1]
        doubt = v.new_tensor(DOUBTS)[:, None].expand(b, t, -1, 1)  # [B, T, R, 1]
        share = torch.cat([doubt, likeness.masked_fill(~can, -1e9)], -1).softmax(-1)
        votes = share[..., 1:].flatten(1, 2) @ frames[:, 1:]  # [B, T R, 88]
        ago = [frames[:, self.reach - lag : self.reach - lag + t] for lag in self.lags]
        past = torch.stack(ago, 2) if ago else v.new_zeros(b, t, 0, KEYS)  # [B, T, lags, 88]
        votes = votes.view(b, t, -1, KEYS)  # [B, T, R, 88]
        certainty = 1 - share[..., 0]  # [B, T, R]
        after = self._after(words, grown, count)  # [B, width]
        return votes.transpose(0, 1), certainty.transpose(0, 1), past.transpose(0, 1), after

    def _scores(self, frames: Tensor, there: Tensor, scores: Tensor, t: int) -> Tensor:
        """Return scores [B, T + 1, R, N + T] of each place before each frame, and after the last.

        `frames` [B, N + T, 88], `there` bool [B, N + T], `scores` [B, R, N].
        """
        new = frames[:, self.reach :]  # [B, T, 88]
        common = new @ frames.transpose(1, 2)  # [B, T, N + T]
        either = frames.sum(-1)[:, None] + new.sum(-1)[..., None] - common  # [B, T, N + T]
        # From -1, nothing in common, to 1, the same.
        alike = torch.where(either > 0, 2 * common / either.clamp(min=1) - 1, 1.0)
        alike = alike.masked_fill(~there[:, None], -1.0)  # [B, T, N + T]
        rate = scores.new_tensor(RATES)[:, None]  # [R, 1]
        score = F.pad(scores, (0, t))  # [B, R, N + T]
        grown = [score]
        for i in range(t):
            score = rate * F.pad(score[..., :-1], (1, 0)) + (1 - rate) * alike[:, i, None]
            grown.append(score)
        return torch.stack(grown, 1)

    def _after(self, words: Tensor, grown: Tensor, count: Tensor) -> Tensor:
        """Return the state [B, width] after the first `count` [B] frames of each row."""
        b = len(words)
        places = count[:, None] + torch.arange(self.reach)  # int64 [B, N]
        words = words.gather(1, places[..., None].expand(-1, -1, WORDS))  # [B, N, 4]
        scores = grown[torch.arange(b), count]  # [B, R, N + T]
        scores = scores.gather(2, places[:, None].expand(-1, len(RATES), -1))  # [B, R, N]
        return torch.cat([words.flatten(1), scores.flatten(1)], 1)
