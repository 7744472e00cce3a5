"""The step graph: one event for K candidates, sampling included (the contract of every voice).

Conventions: K candidates, S tags, Z latent width, N = 3 heads, C classes of a head; tokens int64.
Sampling is driven by `noise`, uniform numbers from the caller, so that the same noise gives the
same notes. An int8 graph rounds its activations, so another kind of processor may decide otherwise
now and then. Only this form is exported; training runs the same layers over whole segments.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.models import bar_memory, motif
from export.models.melody import MelodyModel
from stream.compose.melody import outline_context
from stream.compose.melody.vocabulary import PERIOD, START, TWELFTHS

INPUTS = (
    "token_0", "token_1", "token_2", "state_0", "state_1", "latent", "style",
    "temperature", "top_p", "noise", "force_0", "force_1", "force_2",
)  # fmt: skip
OUTPUTS = (
    "next_token_0", "next_token_1", "next_token_2", "next_state_0", "next_state_1",
    "log_prob", "entropy",
)  # fmt: skip

CONTEXT = "context"
"""Last input of a model whose tunes have outlines."""

Drawn = tuple[Tensor, Tensor, Tensor]
"""Class int64 [K], its log-probability [K], and the entropy of the head [K], in nats."""
PITCH = 0.85
"""Share of the temperature at which pitches are drawn: a melody that goes astray by unlikely notes
does not find back."""
RHYTHM = 0.25
"""Power of `top_p` for durations: most are the unit, and a nucleus as narrow as that of the pitch
would leave out all long notes."""
FEW = 64
"""Number of classes up to which comparing all pairs is cheaper than sorting."""


def draw(logits: Tensor, noise: Tensor, temperature: Tensor, top_p: Tensor, force: Tensor) -> Drawn:
    """Choose a class of one head, as `choose` does, with its log-probability and the entropy."""
    token = choose(logits, noise, temperature, top_p, force)
    return token, *log_prob_and_entropy(logits, token)


def choose(
    logits: Tensor, noise: Tensor, temperature: Tensor, top_p: Tensor, force: Tensor
) -> Tensor:
    """Return a class int64 [K] of one head.

    `logits` [K, C]; `noise` [K] in [0, 1) picks by inverse CDF from the nucleus (Holtzman et al.
    2020): the most likely classes that together reach `top_p`, at `temperature`. `force` int64 [K]
    overrides where it is not negative.
    """
    p = torch.softmax(logits / temperature, dim=-1)  # [K, C]
    # Below 1, so that rounding never steps past the last class. [K, 1]
    share = torch.clamp(noise, max=1 - 2**-23)[:, None]
    classes = logits.shape[-1]
    drawn = _of_few(p, share, top_p) if classes <= FEW else likely(p, share, top_p, classes)
    return torch.where(force >= 0, force, drawn)


def _of_few(p: Tensor, share: Tensor, top_p: Tensor) -> Tensor:
    """Return the class int64 [K] at `share` [K, 1] of the nucleus of `p` [K, C], in class order."""
    cumulative = torch.cumsum(p * _nucleus_of_few(p, top_p), dim=-1)  # [K, C]
    return (cumulative <= share * cumulative[:, -1:]).sum(-1)


def likely(p: Tensor, share: Tensor, top_p: Tensor, most: int) -> Tensor:
    """Return the class int64 [K] at `share` [K, 1] of the nucleus, from the likeliest class down.

    Equally likely classes are taken in their order. The nucleus has the `most` likeliest classes at
    most, as sorting takes most of the time.
    """
    ordered, classes = torch.topk(p, most, dim=-1)  # [K, most], int64 [K, most]
    cumulative = torch.cumsum(ordered, dim=-1)  # [K, most]
    inside = torch.where(cumulative - ordered < top_p, cumulative, 0.0)  # [K, most]
    target = share * inside.amax(-1, keepdim=True)  # [K, 1]
    rank = (cumulative <= target).sum(-1, keepdim=True)  # int64 [K, 1]
    return torch.gather(classes, -1, rank)[..., 0]


def _nucleus_of_few(p: Tensor, top_p: Tensor) -> Tensor:
    """Return which classes are in the nucleus, bool [K, C], by comparing all pairs."""
    more_likely = p[:, None, :] > p[:, :, None]  # bool [K, C, C]
    return (more_likely * p[:, None, :]).sum(-1) < top_p


def log_prob_and_entropy(logits: Tensor, token: Tensor) -> tuple[Tensor, Tensor]:
    """Return the log-probability of `token` int64 [...] and the entropy [...] of heads [..., C].

    H = -sum_c p(c) ln p(c). Both are in nats, and the model's own, before temperature and nucleus.
    """
    log_p = torch.log_softmax(logits, dim=-1)  # [..., C]
    log_prob = torch.gather(log_p, -1, token[..., None])[..., 0]  # [...]
    entropy = -(log_p.exp() * log_p).sum(-1)  # [...]
    return log_prob, entropy


class Step(nn.Module):
    """A melody model as one step.

    `state_0` [K, W] holds the decoder's state and the memories in one row; `state_1` int64 [K] is
    the onset of the last event since the head of its tune, in twelfths of a unit.
    """

    twelfths: Tensor

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
        context: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        """Return the next tokens [K], the next states, log-probability [K] and entropy [K] (nats).

        Tokens and forces int64 [K], `state_0` [K, W], `state_1` int64 [K], `latent` [K, Z], `style`
        [K, S], `temperature` and `top_p` [], `noise` [K, 3], `context`
        [K, C] for a model that has one.
        """
        onset = (state_1 + self.twelfths[token_2]) % PERIOD  # int64 [K]
        position = torch.where(token_2 == START[2], 0, onset)  # int64 [K]
        event = torch.stack([token_0, token_1, token_2], -1)  # int64 [K, 3]
        where = (position, style, style[:, :0] if context is None else context)
        output, state = self._advance(event, where, state_0, latent)  # [K, H], [K, W]
        heads = self.model.heads
        # Each is a class int64 [K], its log-probability [K] and the entropy of the head [K].
        options = (temperature, top_p)
        pitch_class = heads.pitch_class(output)  # [K, 13]
        share = PITCH if self.model.config.context else 1.0
        token = choose(pitch_class / share, noise[:, 0], *options, force_0)
        first = token, *log_prob_and_entropy(pitch_class, token)
        second = draw(heads.octave_logits(output, first[0]), noise[:, 1], *options, force_1)
        third = draw(
            heads.duration_logits(output, first[0], second[0]),
            noise[:, 2], temperature, top_p**RHYTHM, force_2,
        )  # fmt: skip
        log_prob = first[1] + second[1] + third[1]  # [K]
        entropy = first[2] + second[2] + third[2]  # [K]
        return first[0], second[0], third[0], state, position, log_prob, entropy

    def _advance(
        self, event: Tensor, where: tuple[Tensor, Tensor, Tensor], state: Tensor, latent: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the decoder's output [K, H] and the next `state_0` [K, W].

        `where` are position int64 [K], tags [K, S] and context [K, C].
        """
        model, (position, style, context) = self.model, where
        meta = model.meta(style, position, context)  # [K, meta_width]
        width, reach = model.decoder.width, model.config.reach
        memory: tuple[Tensor, ...] = ()
        if reach:
            # The decoder's state, and the rows [K, N] of the memories.
            state, *stored = state.split([width, *[reach] * memories(model)], dim=-1)
            hint, memory = motif.recall(event, (stored[0], stored[1]))  # int64 [K, 4]
            hints = [event, hint]
            if model.config.distances:
                memory = (*memory, bar_memory.ages_after(event, stored[2]))
                hints.append(self._bars((memory[0], memory[2]), style, context))
            event = torch.cat(hints, dim=-1)  # int64 [K, 43]
        x = model.decoder_input(model.history(event), meta, latent)  # [K, E]
        output, state = model.decoder.step(x, state)
        return output, torch.cat([state, *memory], dim=-1) if memory else state

    def _bars(self, memory: tuple[Tensor, Tensor], style: Tensor, context: Tensor) -> Tensor:
        """Return the hints of the bar memory, int64 [K, 36]."""
        bar = 12 * self.model.bar_length(style)  # [K, 1]
        times = torch.tensor(bar_memory.BARS, device=bar.device).to(bar.dtype)
        ahead = context[:, outline_context.AHEAD, None]  # [K, 1]
        distances = torch.cat([bar * times, bar * context[:, :1], ahead], dim=-1)  # [K, D]
        return bar_memory.recall(memory, distances).reshape(-1, bar_memory.COLUMNS)


def state_width(model: MelodyModel) -> int:
    """Return the numbers in `state_0`: the decoder's state and its memories."""
    return model.decoder.width + memories(model) * model.config.reach


def memories(model: MelodyModel) -> int:
    """Return the rows of the memories: past and lengths of matches, and ages with a bar memory."""
    return 3 if model.config.distances else 2


def inputs_of(model: MelodyModel) -> tuple[str, ...]:
    """Return the names of the step's inputs."""
    return (*INPUTS, CONTEXT) if model.config.context else INPUTS


def example_inputs(model: MelodyModel, candidates: int = 4) -> tuple[Tensor, ...]:
    """Return inputs of the first step of a tune, with every shape and dtype of the contract."""
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
        *([torch.zeros(k, config.context)] if config.context else []),
    )
