"""The steps of models that say of each key whether it sounds: all of the paper's systems.

A frame's log-probability is that of its keys given what was drawn before them. Where that is all
there is to a model (RNN, NADE, n-gram) it is the likelihood itself. Where hidden units are drawn
(RBM and what is built of it) a frame has no closed form, and it is what is left to chance when
they have decided. The temperature divides the log-odds of the keys; the nucleus, `top_p`, has no
counterpart here.
Conventions: K candidates, 88 keys, H hidden units, W state width.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from export.frames.step import Drawn, FrameStep, Options, Shape, gathering, sounding, zeros
from export.models.polyphony.boltzmann import Boltzmann
from export.models.polyphony.frame_model import KEYS, FrameModel
from export.models.polyphony.nade import NADE
from export.models.polyphony.note_ngram import NoteNgram, shortened
from export.models.polyphony.rbm import RBM, SWEEPS
from export.models.polyphony.rnn_dbn import RNNDBN
from export.models.polyphony.rnn_nade import RNNNADE
from export.models.polyphony.sigmoid_rnn import SigmoidRNN
from export.rolls.ascending import Ascending, drawn
from export.rolls.note_list_step import Gated
from stream.compose.polyphony.roll_frames import END, PIANOROLL, SLOTS
from stream.errors import CorpusError
from stream.voices.spec import TensorSpec


class KeysStep(FrameStep):
    """Base of these steps: keys are drawn, and become the slots of a piano roll.

    State: the model's own, in one row; none where it has none.
    """

    keys: Tensor
    start: Tensor

    def __init__(self, model: FrameModel, noise: int) -> None:
        row = TensorSpec("recurrence", (model.width,), "float32")
        states = (row,) if model.width else ()
        super().__init__(Shape("pianoroll", PIANOROLL.heads, states, (), noise))
        self.register_buffer("keys", torch.arange(KEYS))
        self.register_buffer("start", model.initial(1).detach().clone())

    def frame(
        self, token: Tensor, states: list[Tensor], where: tuple[Tensor, Tensor], options: Options
    ) -> Drawn:
        begins, _ = where
        state = self.start
        if states:
            after = self.next_state(sounding(token, self.keys), states[0])  # [K, W]
            state = torch.where(begins[:, None], self.start, after)
        v, logits = self.sample(state, options)  # [K, 88] each
        token = torch.where(options.force >= 0, options.force, as_slots(v, self.keys))
        # ln P of a silent key is the log-softmax of its two states: graphs have no softplus.
        logits = logits + zeros(v)
        both = torch.stack([zeros(logits), logits], -1)  # [K, 88, 2]
        silent = torch.log_softmax(both, dim=-1)[..., 0]
        log_prob = (sounding(token, self.keys) * logits + silent).sum(-1)
        entropy = -(torch.sigmoid(logits) * logits + silent).sum(-1)
        return token, [state] if states else [], log_prob, entropy

    def next_state(self, v: Tensor, state: Tensor) -> Tensor:
        """Return the state [K, W] after a frame of keys `v` [K, 88]."""
        raise NotImplementedError

    def sample(self, state: Tensor, options: Options) -> tuple[Tensor, Tensor]:
        """Return keys [K, 88] of the frame after `state`, and the log-odds they are drawn from.

        Both, and the state [K or 1, W], may have one row for all candidates where they are alike.
        """
        raise NotImplementedError


class GibbsStep(KeysStep):
    """RBM, RTRBM, RNN-RBM: Gibbs sampling from silence, all of its noise an input."""

    down: Tensor

    def __init__(self, model: RBM) -> None:
        super().__init__(model, model.noise)
        self.model = gathering(model)
        # Downwards as upwards: a product with a constant.
        self.register_buffer("down", model.weight.detach().T.contiguous())

    def next_state(self, v: Tensor, state: Tensor) -> Tensor:
        return self.model.advance(self.model.hear(v), state)

    def sample(self, state: Tensor, options: Options) -> tuple[Tensor, Tensor]:
        model = self.model
        machine = Boltzmann(model.weight, model.visible[None], model.bias[None])
        if model.width:
            machine = model.machine(state)
        v = zeros(options.noise[:, :KEYS])
        for sweep in options.noise.chunk(SWEEPS, dim=1):
            above, below = sweep.split([model.config.hidden, KEYS], dim=1)
            h = (above < machine.up(v)).to(v.dtype)
            logits = h @ self.down + machine.visible
            v = (below < torch.sigmoid(logits)).to(v.dtype)
        # As in the RNN-DBN, the temperature applies to the keys alone, not to the hidden units.
        return drawn(logits, below, options), logits


class DBNStep(KeysStep):
    """RNN-DBN: Gibbs sampling of the top RBM, all of its noise an input; then the keys."""

    down: Tensor
    top_down: Tensor

    def __init__(self, model: RNNDBN) -> None:
        super().__init__(model, model.noise)
        self.model = gathering(model)
        self.register_buffer("down", model.weight.detach().T.contiguous())
        self.register_buffer("top_down", model.top_weight.detach().T.contiguous())

    def next_state(self, v: Tensor, state: Tensor) -> Tensor:
        return self.model.advance(self.model.hear(v), state)

    def sample(self, state: Tensor, options: Options) -> tuple[Tensor, Tensor]:
        bottom, top = self.model.bottom(state), self.model.top(state)
        h1 = zeros(top.visible)
        for sweep in options.noise[:, :-KEYS].chunk(SWEEPS, dim=1):
            above, below = sweep.split([top.hidden.shape[-1], h1.shape[-1]], dim=1)
            h2 = (above < top.up(h1)).to(h1.dtype)
            h1 = (below < torch.sigmoid(h2 @ self.top_down + top.visible)).to(h1.dtype)
        logits = h1 @ self.down + bottom.visible
        return drawn(logits, options.noise[:, -KEYS:], options), logits


class NADEStep(KeysStep):
    """NADE: the same biases for each frame."""

    visible: Tensor
    bias: Tensor

    def __init__(self, model: NADE) -> None:
        super().__init__(model, KEYS)
        self.ascending = Ascending(model.keys)
        self.register_buffer("visible", model.visible.detach()[None].clone())
        self.register_buffer("bias", model.bias.detach()[None].clone())

    def sample(self, state: Tensor, options: Options) -> tuple[Tensor, Tensor]:
        del state
        v, logits = self.ascending(self.visible, self.bias, options)
        return v, logits


class RNNStep(KeysStep):
    """RNN with independent keys, and RNN-NADE. Raises `CorpusError` for a cell without gates."""

    def __init__(self, model: SigmoidRNN) -> None:
        if not isinstance(model.frames, nn.GRU):
            raise CorpusError(f"--cell {model.config.cell}: only a gru's step can be exported")
        super().__init__(model, KEYS)
        self.frames = Gated(model.frames)
        self.model = gathering(model)
        self.ascending = None
        if isinstance(model, RNNNADE) and model.config.output == "nade":
            self.ascending = Ascending(model.keys)

    def next_state(self, v: Tensor, state: Tensor) -> Tensor:
        after: Tensor = self.frames(v, state)
        return after

    def sample(self, state: Tensor, options: Options) -> tuple[Tensor, Tensor]:
        model, logits = self.model, self.model.visible(state)
        if self.ascending is None or not isinstance(model, RNNNADE):
            return drawn(logits, options.noise, options), logits
        v, logits = self.ascending(logits, model.bias(state), options)
        return v, logits


class NgramStep(KeysStep):
    """Note n-gram: the log-odds of each key are looked up."""

    odds: Tensor
    first: Tensor

    def __init__(self, model: NoteNgram) -> None:
        super().__init__(model, KEYS)
        self.order = model.config.order
        self.register_buffer("odds", model.odds.detach().reshape(-1, 1).clone())
        self.register_buffer("first", torch.arange(KEYS) * model.odds.shape[1])

    def next_state(self, v: Tensor, state: Tensor) -> Tensor:
        context = 2 * (state + 1) + v
        return shortened(context.to(torch.int64), self.order).to(v.dtype) - 1

    def sample(self, state: Tensor, options: Options) -> tuple[Tensor, Tensor]:
        context = state.to(torch.int64) + 1
        logits = nn.functional.embedding(context + self.first, self.odds)[..., 0]
        return drawn(logits, options.noise, options), logits


def as_slots(v: Tensor, keys: Tensor) -> Tensor:
    """Return tokens [K, 12] of keys [K, 88]: at most the highest twelve, then END."""
    rank = torch.cumsum(v.flip(-1), -1).flip(-1) * v
    slots = torch.arange(1, SLOTS + 1, dtype=v.dtype)[:, None]
    here = (rank[:, None, :] == slots).to(torch.int64)
    return END + (here * (keys - END)).sum(-1)
