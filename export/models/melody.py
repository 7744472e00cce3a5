"""The base of the paper's three melody models: embeddings, metric clock, decoder, heads.

An event x is (pitch class c, octave o, duration d), each from a head that knows those before it:

    p(x_t | h_t) = p(c | h_t) p(o | h_t, c) p(d | h_t, c, o),  h_t = cell(decoder input, state)
    L = -sum_t ln p(x_t | h_t) + KL(q(z | x) || N(0, I))

(paper 002, section 3; the KL term for VAE and VRASH alone, Kingma & Welling 2014, appendix B:
KL = 1/2 sum_j (mu_j^2 + sigma_j^2 - 1 - ln sigma_j^2)).

Conventions: T events, B rows, H width of the decoder's output, W of its state, Z of the latent
point, S tags; losses in nats; float32, tokens int64.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from export.models import bar_memory, motif
from export.models.cells.lstm import LSTM
from export.models.cells.mingru import MinGRU
from export.models.cells.rhn import RHN
from export.models.cells.transformer import Transformer
from export.models.encoder import Encoder
from export.models.heads import Heads
from export.models.melody_config import (
    BAR_CYCLES,
    BARS,
    CYCLES,
    EMBEDDINGS,
    HINT,
    MelodyConfig,
)
from stream.compose.melody.outline_context import mask_of
from stream.compose.melody.vocabulary import SIZES

CELLS: dict[str, type[RHN | LSTM | MinGRU]] = {"rhn": RHN, "lstm": LSTM, "mingru": MinGRU}
"""Recurrent decoders by name; the first is the paper's."""
DECODERS: dict[str, type[RHN | LSTM | MinGRU | Transformer]] = {
    **CELLS, "transformer": Transformer
}  # fmt: skip
"""All decoders: the baseline needs tunes in one segment, and far more time a step."""


@dataclass(frozen=True, slots=True)
class Losses:
    """Losses of one batch, and the state after it."""

    nats: Tensor
    """Minus log-probability of each head [T, B, 3], 0 where padded."""
    kl: Tensor
    """Divergence of the posterior from N(0, I) in each latent dimension [B, Z]."""
    state: Tensor
    """Decoder state after the segment [B, W]."""


class MelodyModel(nn.Module):
    """Base of LM, VAE and VRASH: they differ only in the decoder's input at each event."""

    cycles: Tensor
    bar_cycles: Tensor
    bar_lengths: Tensor
    read: Tensor

    def __init__(self, config: MelodyConfig, latent: int, decoder_inputs: int) -> None:
        super().__init__()
        self.config = config
        self.latent = latent
        self.embed = nn.ModuleList(
            nn.Embedding(size + 1, width) for size, width in zip(SIZES, EMBEDDINGS, strict=True)
        )
        self.tag_embed = nn.Linear(config.tags, config.tag_width, bias=False)
        self.decoder = DECODERS[config.cell](decoder_inputs, config.hidden, config.depth)
        self.heads = Heads(config.hidden)
        self.register_buffer("cycles", 2 * math.pi / (12 * torch.tensor(CYCLES).float()))
        if config.distances:
            self.hint = nn.Linear(sum(EMBEDDINGS) + bar_memory.WIDTH, HINT)
            cycles = 2 * math.pi / (12 * torch.tensor(BAR_CYCLES).float())
            self.register_buffer("bar_cycles", cycles)
            self.register_buffer("bar_lengths", torch.tensor(BARS).float())
        if config.context:
            read = torch.from_numpy(mask_of(config.outline.split()))  # [C]
            self.register_buffer("read", read, persistent=False)
        width = sum(EMBEDDINGS) + config.tag_width
        self.encoder = Encoder(width, config.encoder_hidden, latent) if latent else None

    def decoder_input(self, history: Tensor, meta: Tensor, latent: Tensor) -> Tensor:
        """Return the decoder's input [..., E] from history, metadata and latent point."""
        raise NotImplementedError

    def embedded(self, event: Tensor) -> Tensor:
        """Return the embedding [..., 80] of tokens int64 [..., 3]."""
        parts = [table(event[..., i]) for i, table in enumerate(self.embed)]  # [..., 32 | 16 | 32]
        return torch.cat(parts, dim=-1)

    def history(self, previous: Tensor, word_dropout: float = 0.0) -> Tensor:
        """Return [..., history_width] from the last event and the hints, `previous` int64 [..., 7].

        With a bar memory `previous` is int64 [..., 43]. Word dropout (Bowman et al. 2016) blanks
        the event and each hint independently.
        """
        parts = [self.embedded(previous[..., :3])]  # [..., 80]
        if self.config.reach:
            hint = self.embedded(previous[..., 3:6])  # [..., 80]
            parts.append(torch.cat([hint, motif.trust(previous[..., 6])], dim=-1))  # [..., 91]
        if self.config.distances:
            first = 3 + motif.COLUMNS
            found = previous[..., first : first + bar_memory.COLUMNS]
            bars = found.unflatten(-1, (bar_memory.DISTANCES, bar_memory.FIELDS))
            known = torch.cat([self.embedded(bars[..., :3]), bar_memory.features(bars)], dim=-1)
            parts.append(self.hint(known))  # [..., 6, 48]
        if word_dropout > 0:
            masks = [torch.rand_like(part[..., :1]) >= word_dropout for part in parts]  # bool
            parts = [part * mask for part, mask in zip(parts, masks, strict=True)]
        if self.config.distances:
            parts[-1] = parts[-1].flatten(-2)  # [..., 288]
        return torch.cat(parts, dim=-1)

    def clock(self, position: Tensor) -> Tensor:
        """Return sine and cosine of every metric cycle [..., 20] at `position` int64 [...].

        Positions are in twelfths of a unit.
        """
        return _waves(position[..., None].to(self.cycles.dtype) * self.cycles)

    def bar_clock(self, position: Tensor, tags: Tensor) -> Tensor:
        """Return sine and cosine of every cycle of bars [..., 10]; zeros if no bar is known.

        `position` int64 [...] in twelfths of a unit, `tags` [..., S].
        """
        # No division by what a tag may leave at 0: it is refused in a voice.
        share = (self._bar_tags(tags) / self.bar_lengths).sum(-1, keepdim=True)  # [..., 1]
        bars = position[..., None].to(share.dtype) * share  # [..., 1]
        return _waves(bars * self.bar_cycles) * (share > 0).to(share.dtype)

    def bar_length(self, tags: Tensor) -> Tensor:
        """Return the units [..., 1] of a bar from the tags [..., S]; 0 if no tag tells them."""
        # No matrix product, which would be quantized: distances have to be exact.
        return (self._bar_tags(tags) * self.bar_lengths).sum(-1, keepdim=True)

    def _bar_tags(self, tags: Tensor) -> Tensor:
        first = len(self.config.styles)
        return tags[..., first : first + len(BARS)]  # [..., len(BARS)]

    def meta(self, tags: Tensor, position: Tensor, context: Tensor) -> Tensor:
        """Return the metadata [..., meta_width] of events.

        `tags` [..., S], `position` int64 [...], `context` [..., C].
        """
        parts = [self.tag_embed(tags), self.clock(position)]
        if self.config.distances:
            parts.append(self.bar_clock(position, tags))
        if self.config.context:
            parts.append(context * self.read)
        return torch.cat(parts, dim=-1)

    def posterior(self, tokens: Tensor, mask: Tensor, tags: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance [B, Z] of the latent point given the segment.

        `tokens` int64 [T, B, 3], `mask` bool [T, B], `tags` [B, S].
        """
        if self.encoder is None:
            empty = tags.new_zeros(len(tags), 0)
            return empty, empty
        meta = self.tag_embed(tags).expand(len(tokens), -1, -1)  # [T, B, tag_width]
        return self.encoder(torch.cat([self.embedded(tokens), meta], dim=-1), mask)

    def decode(
        self,
        batch_inputs: tuple[Tensor, Tensor, Tensor, Tensor],
        tags: Tensor,
        latent: Tensor,
        state: Tensor,
        *,
        word_dropout: float = 0.0,
        dropout: tuple[float, float] = (0.0, 0.0),
    ) -> tuple[Tensor, Tensor]:
        """Return the outputs [T, B, H] and the last state [B, W] of the decoder.

        `batch_inputs`: previous int64 [T, B, 43], position int64 [T, B], mask bool [T, B] and
        context [T, B, C]; `tags` [B, S], `latent` [B, Z], `state` [B, W].
        """
        previous, position, mask, context = batch_inputs
        history = self.history(previous, word_dropout)  # [T, B, history_width]
        steps = len(previous)
        meta = self.meta(tags.expand(steps, -1, -1), position, context)  # [T, B, meta_width]
        x = self.decoder_input(history, meta, latent.expand(steps, -1, -1))  # [T, B, E]
        return self.decoder(x, state, mask, dropout)

    def forward(
        self,
        batch: tuple[Tensor, Tensor, Tensor, Tensor, Tensor, Tensor],
        state: Tensor,
        noise: Tensor,
        word_dropout: float = 0.0,
        dropout: tuple[float, float] = (0.0, 0.0),
    ) -> Losses:
        """Return reconstruction and divergence of tokens, previous, position, mask, tags, context.

        `noise` [B, Z] gives the latent point z = mu + sigma * noise (Kingma & Welling 2014,
        equation 10); zeros score with the mean.
        """
        # Shapes: int64 [T, B, 3], int64 [T, B, 43], int64 [T, B], bool [T, B], [B, S], [T, B, C].
        tokens, previous, position, mask, tags, context = batch
        mean, log_variance = self.posterior(tokens, mask, tags)  # [B, Z] each
        latent = mean + noise * torch.exp(0.5 * log_variance)  # [B, Z]
        states, state = self.decode(  # [T, B, H], [B, W]
            (previous, position, mask, context), tags, latent, state,
            word_dropout=word_dropout, dropout=dropout,
        )  # fmt: skip
        kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)  # [B, Z]
        nats = self.heads.nats(states, tokens) * mask[..., None]  # [T, B, 3]
        return Losses(nats, kl * mask.any(0)[:, None], state)


def _waves(angle: Tensor) -> Tensor:
    """Return sines and cosines [..., 2 n] of angles [..., n]."""
    return torch.cat([torch.sin(angle), torch.cos(angle)], dim=-1)
