"""What the three melody models of the paper share: embeddings, metric clock, decoder, heads.

Conventions: T events, B rows, H state width, Z latent width, S tags; losses in nats. An event is
(pitch class, octave, duration); its log-probability is the sum over three heads, each conditioned
on those before it: p(pitch class) p(octave | pitch class) p(duration | pitch class, octave).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from export.models import motif
from export.models.encoder import Encoder
from export.models.lstm import LSTM
from export.models.mingru import MinGRU
from export.models.rhn import RHN
from stream.compose.melody.vocabulary import SIZES
from stream.errors import SettingsError

BARS = (2, 3, 4, 6, 8, 9, 12, 16)
"""Bar lengths, in units, that have a tag of their own."""
CELLS: dict[str, type[RHN | LSTM | MinGRU]] = {"rhn": RHN, "lstm": LSTM, "mingru": MinGRU}
"""Decoders by name; the first is the paper's."""
HISTORIES = ("event", "motif")
MODES = ("major", "minor")
CYCLES = (1, 2, 3, 4, 6, 8, 9, 12, 16, 32)
"""Metric cycles, in units, that the clock shows to the decoder."""
EMBEDDINGS = (32, 16, 32)
"""Widths of the embedded pitch class, octave and duration."""


@dataclass(frozen=True, slots=True)
class MelodyConfig:
    """Sizes of a melody model."""

    styles: tuple[str, ...]
    hidden: int = 384
    depth: int = 3
    latent: int = 32
    encoder_hidden: int = 192
    tag_width: int = 32
    cell: str = "rhn"
    history: str = "event"
    """What the decoder hears: the last event, as in the paper, or a `motif` as well."""

    def __post_init__(self) -> None:
        for name in ("hidden", "depth", "latent", "encoder_hidden", "tag_width"):
            if getattr(self, name) < 1:
                flag = name.replace("_", "-")
                raise SettingsError(f"--{flag} {getattr(self, name)}: must be 1 or more")

    @property
    def reach(self) -> int:
        """Events within which the motif memory looks for a match; 0 without one."""
        return motif.REACH if self.history == "motif" else 0

    @property
    def history_width(self) -> int:
        """What the decoder hears of what was played: the last event, and the motif's hint."""
        return sum(EMBEDDINGS) + (sum(EMBEDDINGS) + motif.WIDTH if self.reach else 0)

    @property
    def tags(self) -> int:
        return len(self.styles) + len(BARS) + len(MODES)


@dataclass(frozen=True, slots=True)
class Losses:
    """One batch, seen by a model."""

    nats: Tensor
    """[T, B, 3]: minus log-probability of each head, 0 where padded."""
    kl: Tensor
    """[B, Z]: divergence of the posterior from N(0, I), a latent dimension each."""
    state: Tensor
    """[B, W]: decoder state after the segment."""


class MelodyModel(nn.Module):
    """Base of LM, VAE and VRASH: they differ only in what the decoder sees at each event."""

    def __init__(self, config: MelodyConfig, latent: int, decoder_inputs: int) -> None:
        super().__init__()
        self.config = config
        self.latent = latent
        self.embed = nn.ModuleList(
            nn.Embedding(size + 1, width) for size, width in zip(SIZES, EMBEDDINGS, strict=True)
        )
        self.tag_embed = nn.Linear(config.tags, config.tag_width, bias=False)
        self.decoder = CELLS[config.cell](decoder_inputs, config.hidden, config.depth)
        self.heads = Heads(config.hidden)
        self.register_buffer("cycles", 2 * math.pi / (12 * torch.tensor(CYCLES).float()))
        width = sum(EMBEDDINGS) + config.tag_width
        self.encoder = Encoder(width, config.encoder_hidden, latent) if latent else None

    def decoder_input(self, history: Tensor, meta: Tensor, latent: Tensor) -> Tensor:
        """[..., E] from what was heard, metadata and latent point, all [..., width]."""
        raise NotImplementedError

    def embedded(self, event: Tensor) -> Tensor:
        """[..., 3] tokens to [..., 80]."""
        parts = [table(event[..., i]) for i, table in enumerate(self.embed)]
        return torch.cat(parts, dim=-1)

    def history(self, previous: Tensor, word_dropout: float = 0.0) -> Tensor:
        """[..., history_width] from the event before and the hint, `previous` [..., 7].

        Word dropout blanks either of them, each for itself.
        """
        parts = [self.embedded(previous[..., :3])]
        if self.config.reach:
            hint = self.embedded(previous[..., 3:6])
            parts.append(torch.cat([hint, motif.trust(previous[..., 6])], dim=-1))
        if word_dropout > 0:
            kept = [torch.rand_like(part[..., :1]) >= word_dropout for part in parts]
            parts = [part * keep for part, keep in zip(parts, kept, strict=True)]
        return torch.cat(parts, dim=-1)

    def clock(self, position: Tensor) -> Tensor:
        """[...] twelfths of a unit to [..., 20]: sine and cosine of every metric cycle."""
        angle = position[..., None].to(self.cycles.dtype) * self.cycles
        return torch.cat([torch.sin(angle), torch.cos(angle)], dim=-1)

    def posterior(self, tokens: Tensor, mask: Tensor, tags: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log-variance, each [B, Z], of the latent point given the segment."""
        if self.encoder is None:
            empty = tags.new_zeros(len(tags), 0)
            return empty, empty
        meta = self.tag_embed(tags).expand(len(tokens), -1, -1)
        return self.encoder(torch.cat([self.embedded(tokens), meta], dim=-1), mask)

    def decode(
        self,
        batch_inputs: tuple[Tensor, Tensor, Tensor],
        tags: Tensor,
        latent: Tensor,
        state: Tensor,
        *,
        word_dropout: float = 0.0,
        dropout: tuple[float, float] = (0.0, 0.0),
    ) -> tuple[Tensor, Tensor]:
        """Outputs [T, B, H], last state [B, W] for (previous [T, B, 7], position [T, B], mask)."""
        previous, position, mask = batch_inputs
        history = self.history(previous, word_dropout)
        steps = len(previous)
        meta = torch.cat([self.tag_embed(tags).expand(steps, -1, -1), self.clock(position)], dim=-1)
        x = self.decoder_input(history, meta, latent.expand(steps, -1, -1))
        return self.decoder(x, state, mask, dropout)

    def forward(
        self,
        batch: tuple[Tensor, Tensor, Tensor, Tensor, Tensor],
        state: Tensor,
        noise: Tensor,
        word_dropout: float = 0.0,
        dropout: tuple[float, float] = (0.0, 0.0),
    ) -> Losses:
        """Reconstruction and divergence of (tokens, previous, position, mask, tags).

        `noise` [B, Z] moves the latent point off the posterior mean by its standard deviation
        (equation 10 of Kingma & Welling 2014); zeros score with the mean.
        """
        tokens, previous, position, mask, tags = batch
        mean, log_variance = self.posterior(tokens, mask, tags)
        latent = mean + noise * torch.exp(0.5 * log_variance)
        states, state = self.decode(
            (previous, position, mask), tags, latent, state,
            word_dropout=word_dropout, dropout=dropout,
        )  # fmt: skip
        kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)
        nats = self.heads.nats(states, tokens) * mask[..., None]
        return Losses(nats, kl * mask.any(0)[:, None], state)


class Heads(nn.Module):
    """Three softmaxes, each fed by the state and by the classes already chosen."""

    WIDTH = 96

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.pitch_class = nn.Linear(hidden, SIZES[0])
        self.octave_hidden = nn.Linear(hidden, self.WIDTH)
        self.octave_given = nn.Embedding(SIZES[0], self.WIDTH)
        self.octave = nn.Linear(self.WIDTH, SIZES[1])
        self.duration_hidden = nn.Linear(hidden, self.WIDTH)
        self.duration_given = nn.ModuleList(nn.Embedding(n, self.WIDTH) for n in SIZES[:2])
        self.duration = nn.Linear(self.WIDTH, SIZES[2])

    def octave_logits(self, state: Tensor, pitch_class: Tensor) -> Tensor:
        return self.octave(torch.tanh(self.octave_hidden(state) + self.octave_given(pitch_class)))

    def duration_logits(self, state: Tensor, pitch_class: Tensor, octave: Tensor) -> Tensor:
        given = self.duration_given[0](pitch_class) + self.duration_given[1](octave)
        return self.duration(torch.tanh(self.duration_hidden(state) + given))

    def nats(self, state: Tensor, tokens: Tensor) -> Tensor:
        """[..., 3]: minus log-probability of each head."""
        pitch_class, octave, duration = tokens.unbind(-1)
        logits = (
            self.pitch_class(state),
            self.octave_logits(state, pitch_class),
            self.duration_logits(state, pitch_class, octave),
        )
        pairs = zip(logits, (pitch_class, octave, duration), strict=True)
        return torch.stack(
            [
                F.cross_entropy(lo.flatten(0, -2), t.flatten(), reduction="none").view(t.shape)
                for lo, t in pairs
            ],
            dim=-1,
        )
