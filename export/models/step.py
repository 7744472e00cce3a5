"""The step graph: one event for K candidates, sampling included (the contract of every voice).

Conventions: K candidates, S tags, Z latent width, N = 3 heads. Sampling is driven by `noise`,
uniform numbers from the caller, so that the same noise gives the same notes wherever it runs.
Only this form is exported; training runs the same layers over whole segments.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.models import motif
from export.models.melody import MelodyModel
from stream.compose.melody.vocabulary import PERIOD, START, TWELFTHS

INPUTS = (
    "token_0", "token_1", "token_2", "state_0", "state_1", "latent", "style",
    "temperature", "top_p", "noise", "force_0", "force_1", "force_2",
)  # fmt: skip
OUTPUTS = (
    "next_token_0", "next_token_1", "next_token_2", "next_state_0", "next_state_1",
    "log_prob", "entropy",
)  # fmt: skip

Drawn = tuple[Tensor, Tensor, Tensor]
FEW = 64
"""Classes up to which comparing all pairs is cheaper than sorting."""


def draw(logits: Tensor, noise: Tensor, temperature: Tensor, top_p: Tensor, force: Tensor) -> Drawn:
    """Class [K] int64, its log-probability [K] and the entropy [K] of one head, in nats.

    As `choose` and `told` have it.
    """
    token = choose(logits, noise, temperature, top_p, force)
    return token, *told(logits, token)


def choose(
    logits: Tensor, noise: Tensor, temperature: Tensor, top_p: Tensor, force: Tensor
) -> Tensor:
    """Class [K] int64 of one head.

    `logits` [K, C]; `noise` [K] in [0, 1) picks by inverse CDF from the nucleus (Holtzman et al.
    2020): the most likely classes that together reach `top_p`, at `temperature`. `force` [K]
    overrides where it is not negative.
    """
    p = torch.softmax(logits / temperature, dim=-1)
    # Kept below 1 so that rounding can not step past the last class.
    share = torch.clamp(noise, max=1 - 2**-23)[:, None]
    classes = logits.shape[-1]
    drawn = _of_few(p, share, top_p) if classes <= FEW else likely(p, share, top_p, classes)
    return torch.where(force >= 0, force, drawn)


def _of_few(p: Tensor, share: Tensor, top_p: Tensor) -> Tensor:
    """The class [K] at `share` [K, 1] of the nucleus of `p` [K, C], in the order of the classes."""
    cumulative = torch.cumsum(p * _nucleus_of_few(p, top_p), dim=-1)
    return (cumulative <= share * cumulative[:, -1:]).sum(-1)


def likely(p: Tensor, share: Tensor, top_p: Tensor, most: int) -> Tensor:
    """The same from the likeliest class down; of equal ones the first comes first.

    The nucleus has the `most` likeliest classes at most: ordering is what takes time.
    """
    ordered, classes = torch.topk(p, most, dim=-1)
    cumulative = torch.cumsum(ordered, dim=-1)
    inside = torch.where(cumulative - ordered < top_p, cumulative, 0.0)
    target = share * inside.amax(-1, keepdim=True)
    place = (cumulative <= target).sum(-1, keepdim=True)
    return torch.gather(classes, -1, place)[..., 0]


def _nucleus_of_few(p: Tensor, top_p: Tensor) -> Tensor:
    """Which classes are in the nucleus, [K, C]: compared pairwise, C is about a dozen."""
    more_likely = p[:, None, :] > p[:, :, None]
    return (more_likely * p[:, None, :]).sum(-1) < top_p


def told(logits: Tensor, token: Tensor) -> tuple[Tensor, Tensor]:
    """Log-probability of `token` [...] and entropy [...], in nats, of heads [..., C].

    They are the model's own, before temperature and nucleus.
    """
    log_p = torch.log_softmax(logits, dim=-1)
    log_prob = torch.gather(log_p, -1, token[..., None])[..., 0]
    entropy = -(log_p.exp() * log_p).sum(-1)
    return log_prob, entropy


class Step(nn.Module):
    """A melody model as one step.

    States: the decoder's and the motif memory's in one row, float32; the onset of the last event
    since the head of its tune, in twelfths of a unit, [K] int64.
    """

    def __init__(self, model: MelodyModel) -> None:
        super().__init__()
        self.model = model
        # The start token takes no time.
        self.register_buffer("twelfths", torch.tensor([*TWELFTHS, 0]))

    def forward(  # noqa: PLR0917 - one argument for each input of the graph
        self,
        token_0: Tensor,
        token_1: Tensor,
        token_2: Tensor,
        state_0: Tensor,
        state_1: Tensor,
        latent: Tensor,
        style: Tensor,
        temperature: Tensor,
        top_p: Tensor,
        noise: Tensor,
        force_0: Tensor,
        force_1: Tensor,
        force_2: Tensor,
    ) -> tuple[Tensor, ...]:
        """Next tokens [K] each, next states, summed log-probability [K] and entropy [K] (nats)."""
        position = torch.where(token_2 == START[2], 0, (state_1 + self.twelfths[token_2]) % PERIOD)
        event = torch.stack([token_0, token_1, token_2], -1)
        output, state = self._advance(event, position, state_0, latent, style)
        heads, options = self.model.heads, (temperature, top_p)
        first = draw(heads.pitch_class(output), noise[:, 0], *options, force_0)
        second = draw(heads.octave_logits(output, first[0]), noise[:, 1], *options, force_1)
        third = draw(
            heads.duration_logits(output, first[0], second[0]), noise[:, 2], *options, force_2
        )
        log_prob = first[1] + second[1] + third[1]
        entropy = first[2] + second[2] + third[2]
        return first[0], second[0], third[0], state, position, log_prob, entropy

    def _advance(
        self, event: Tensor, position: Tensor, state: Tensor, latent: Tensor, style: Tensor
    ) -> tuple[Tensor, Tensor]:
        model = self.model
        meta = torch.cat([model.tag_embed(style), model.clock(position)], dim=-1)
        width, reach = model.decoder.width, model.config.reach
        state, *memory = state.split([width, reach, reach], dim=-1) if reach else [state]
        if memory:
            hint, memory = motif.recall(event, memory)
            event = torch.cat([event, hint], dim=-1)
        x = model.decoder_input(model.history(event), meta, latent)
        output, state = model.decoder.step(x, state)
        return output, torch.cat([state, *memory], dim=-1) if memory else state


def state_width(model: MelodyModel) -> int:
    """Numbers in `state_0`: what the decoder remembers, and its motif memory."""
    return model.decoder.width + 2 * model.config.reach


def example_inputs(model: MelodyModel, candidates: int = 4) -> tuple[Tensor, ...]:
    """Inputs of the first step of a tune: every shape and dtype of the contract."""
    k, config = candidates, model.config
    tokens = [torch.full((k,), start, dtype=torch.int64) for start in START]
    free = [torch.full((k,), -1, dtype=torch.int64) for _ in START]
    return (
        *tokens,
        torch.zeros(k, state_width(model)),
        torch.zeros(k, dtype=torch.int64),
        torch.zeros(k, model.latent),
        torch.zeros(k, config.tags),
        torch.tensor(1.0),
        torch.tensor(1.0),
        torch.rand(k, len(START)),
        *free,
    )
