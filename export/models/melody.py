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

from export.models import motif, validate
from export.models.cross_entropy import nats
from export.models.encoder import Encoder
from export.models.lstm import LSTM
from export.models.mingru import MinGRU
from export.models.rhn import RHN
from stream.compose.melody.vocabulary import SIZES

BARS = (2, 3, 4, 6, 8, 9, 12, 16)
"""Bar lengths, in units, that have a tag of their own."""
CELLS: dict[str, type[RHN | LSTM | MinGRU]] = {"rhn": RHN, "lstm": LSTM, "mingru": MinGRU}
"""Decoders by name; the first is the paper's."""
HISTORIES = ("event", "motif")
MODES = ("major", "minor")
CYCLES = (1, 2, 3, 4, 6, 8, 9, 12, 16, 32)
"""Metric cycles of the clock, in units."""
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
    """History that the decoder reads: the last `event`, as in the paper, or a `motif` as well."""

    def __post_init__(self) -> None:
        validate.sizes(self, "hidden", "depth", "latent", "encoder_hidden", "tag_width")

    @property
    def reach(self) -> int:
        """Events that the motif memory searches for a match; 0 without a motif memory."""
        return motif.REACH if self.history == "motif" else 0

    @property
    def history_width(self) -> int:
        """Width of the history: the embedded last event, and the motif's hint."""
        return sum(EMBEDDINGS) + (sum(EMBEDDINGS) + motif.WIDTH if self.reach else 0)

    @property
    def tags(self) -> int:
        return len(self.styles) + len(BARS) + len(MODES)


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
        """Return the decoder's input [..., E] from history, metadata and latent point."""
        raise NotImplementedError

    def embedded(self, event: Tensor) -> Tensor:
        """Return the embedding [..., 80] of tokens int64 [..., 3]."""
        parts = [table(event[..., i]) for i, table in enumerate(self.embed)]  # [..., 32 | 16 | 32]
        return torch.cat(parts, dim=-1)

    def history(self, previous: Tensor, word_dropout: float = 0.0) -> Tensor:
        """Return [..., history_width] from the last event and the hint, `previous` int64 [..., 7].

        Word dropout (Bowman et al. 2016) blanks each of the two independently.
        """
        parts = [self.embedded(previous[..., :3])]  # [..., 80]
        if self.config.reach:
            hint = self.embedded(previous[..., 3:6])  # [..., 80]
            parts.append(torch.cat([hint, motif.trust(previous[..., 6])], dim=-1))  # [..., 91]
        if word_dropout > 0:
            masks = [torch.rand_like(part[..., :1]) >= word_dropout for part in parts]  # bool
            parts = [part * mask for part, mask in zip(parts, masks, strict=True)]
        return torch.cat(parts, dim=-1)

    def clock(self, position: Tensor) -> Tensor:
        """Return sine and cosine of every metric cycle [..., 20] at `position` int64 [...].

        Positions are in twelfths of a unit.
        """
        angle = position[..., None].to(self.cycles.dtype) * self.cycles  # [..., 10]
        return torch.cat([torch.sin(angle), torch.cos(angle)], dim=-1)

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
        batch_inputs: tuple[Tensor, Tensor, Tensor],
        tags: Tensor,
        latent: Tensor,
        state: Tensor,
        *,
        word_dropout: float = 0.0,
        dropout: tuple[float, float] = (0.0, 0.0),
    ) -> tuple[Tensor, Tensor]:
        """Return the outputs [T, B, H] and the last state [B, W] of the decoder.

        `batch_inputs`: previous int64 [T, B, 7], position int64 [T, B], mask bool [T, B]; `tags`
        [B, S], `latent` [B, Z], `state` [B, W].
        """
        previous, position, mask = batch_inputs
        history = self.history(previous, word_dropout)  # [T, B, history_width]
        steps = len(previous)
        tagged = self.tag_embed(tags).expand(steps, -1, -1)  # [T, B, tag_width]
        meta = torch.cat([tagged, self.clock(position)], dim=-1)  # [T, B, tag_width + 20]
        x = self.decoder_input(history, meta, latent.expand(steps, -1, -1))  # [T, B, E]
        return self.decoder(x, state, mask, dropout)

    def forward(
        self,
        batch: tuple[Tensor, Tensor, Tensor, Tensor, Tensor],
        state: Tensor,
        noise: Tensor,
        word_dropout: float = 0.0,
        dropout: tuple[float, float] = (0.0, 0.0),
    ) -> Losses:
        """Return reconstruction and divergence of (tokens, previous, position, mask, tags).

        `noise` [B, Z] gives the latent point z = mu + sigma * noise (Kingma & Welling 2014,
        equation 10); zeros score with the mean.
        """
        # Shapes: int64 [T, B, 3], int64 [T, B, 7], int64 [T, B], bool [T, B], float [B, S].
        tokens, previous, position, mask, tags = batch
        mean, log_variance = self.posterior(tokens, mask, tags)  # [B, Z] each
        latent = mean + noise * torch.exp(0.5 * log_variance)  # [B, Z]
        states, state = self.decode(  # [T, B, H], [B, W]
            (previous, position, mask), tags, latent, state,
            word_dropout=word_dropout, dropout=dropout,
        )  # fmt: skip
        kl = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)  # [B, Z]
        nats = self.heads.nats(states, tokens) * mask[..., None]  # [T, B, 3]
        return Losses(nats, kl * mask.any(0)[:, None], state)


class Heads(nn.Module):
    """Three softmax heads, each fed by the decoder's output and by the classes already chosen.

    l_1 = W h, l_k = V_k tanh(U_k h + sum of the embeddings of the classes chosen before) for the
    octave and the duration.
    """

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
        """Return logits [..., octaves] from outputs [..., H] and pitch classes int64 [...]."""
        return self.octave(torch.tanh(self.octave_hidden(state) + self.octave_given(pitch_class)))

    def duration_logits(self, state: Tensor, pitch_class: Tensor, octave: Tensor) -> Tensor:
        """Return logits [..., durations] from outputs [..., H] and two classes int64 [...]."""
        given = self.duration_given[0](pitch_class) + self.duration_given[1](octave)  # [..., 96]
        return self.duration(torch.tanh(self.duration_hidden(state) + given))

    def nats(self, state: Tensor, tokens: Tensor) -> Tensor:
        """Return minus log-probability of each head [..., 3] for tokens int64 [..., 3]."""
        pitch_class, octave, duration = tokens.unbind(-1)  # int64 [...] each
        logits = (
            self.pitch_class(state),
            self.octave_logits(state, pitch_class),
            self.duration_logits(state, pitch_class, octave),
        )
        pairs = zip(logits, (pitch_class, octave, duration), strict=True)
        return torch.stack([nats(head, target) for head, target in pairs], dim=-1)
