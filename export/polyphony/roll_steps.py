"""The steps of models of piano rolls: twelve heads, the pitches of a frame from the highest down.

Conventions: K candidates, 88 keys; a head's class is a column of the roll, or END (88).
"""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from export.models.polyphony.frame_model import KEYS, FrameModel
from export.models.polyphony.note_list import NoteList
from export.models.polyphony.rbm import SWEEPS
from export.models.polyphony.rnn_dbn import RNNDBN
from export.polyphony.note_list_step import NoteListStep
from export.polyphony.step import Drawn, FrameStep, Options, Shape, gathering, sounding, zeros
from stream.compose.polyphony.roll_frames import END, PIANOROLL, SLOTS
from stream.errors import CorpusError
from stream.voice import TensorSpec


def roll_shape(model: FrameModel, noise: int, tags: tuple[str, ...] = ()) -> Shape:
    """Heads and noise of a piano roll, the model's state in one row."""
    state = TensorSpec("recurrence", (model.width,), "float32")
    return Shape("pianoroll", PIANOROLL.heads, (state,), tags, noise)


class DBNStep(FrameStep):
    """RNN-DBN: Gibbs sampling of the top RBM, all of its noise an input; then the keys.

    A frame's probability has no closed form. `log_prob` and `entropy` are those of the keys given
    the h1 that was drawn: what is left to chance when the hidden units have decided.
    """

    def __init__(self, model: RNNDBN) -> None:
        super().__init__(roll_shape(model, model.noise))
        self.model = cast("RNNDBN", gathering(model))
        self.register_buffer("keys", torch.arange(KEYS))
        # Downwards as upwards: a product with a constant.
        self.register_buffer("down", model.weight.detach().T.contiguous())
        self.register_buffer("top_down", model.top_weight.detach().T.contiguous())

    def frame(
        self, token: Tensor, states: list[Tensor], where: tuple[Tensor, Tensor], options: Options
    ) -> Drawn:
        begins, _ = where
        model = self.model
        heard = model.advance(model.hear(sounding(token, self.keys)), states[0])
        state = torch.where(begins[:, None], model.start, heard)
        v, logits = self.sample(state, options)
        token = torch.where(options.force >= 0, options.force, as_slots(v, self.keys))
        # ln P of a silent key is the log-softmax of its two states: graphs have no softplus.
        both = torch.stack([zeros(logits), logits], -1)
        silent = torch.log_softmax(both, dim=-1)[..., 0]
        log_prob = (sounding(token, self.keys) * logits + silent).sum(-1)
        entropy = -(torch.sigmoid(logits) * logits + silent).sum(-1)
        return token, [state], log_prob, entropy

    def sample(self, state: Tensor, options: Options) -> tuple[Tensor, Tensor]:
        """Keys [K, 88] of the frame after `state`, and the logits that they were drawn from.

        The temperature divides those logits; the nucleus, `top_p`, has no counterpart here.
        """
        bottom, top = self.model.bottom(state), self.model.top(state)
        h1 = zeros(top.visible)
        for sweep in options.noise[:, :-KEYS].chunk(SWEEPS, dim=1):
            above, below = sweep.split([top.hidden.shape[-1], h1.shape[-1]], dim=1)
            h2 = (above < top.up(h1)).to(h1.dtype)
            h1 = (below < torch.sigmoid(h2 @ self.top_down + top.visible)).to(h1.dtype)
        logits = h1 @ self.down + bottom.visible
        p = torch.sigmoid(logits / options.temperature)
        return (options.noise[:, -KEYS:] < p).to(h1.dtype), logits


def as_slots(v: Tensor, keys: Tensor) -> Tensor:
    """Tokens [K, 12] of keys [K, 88], zeros and ones: at most the highest twelve, then END."""
    rank = torch.cumsum(v.flip(-1), -1).flip(-1) * v
    slots = torch.arange(1, SLOTS + 1, dtype=v.dtype)[:, None]
    here = (rank[:, None, :] == slots).to(torch.int64)
    return END + (here * (keys - END)).sum(-1)


def step_of(model: FrameModel) -> FrameStep:
    """The step of a model of piano rolls. Raises `CorpusError` for a family without one."""
    for kind, made in STEPS.items():
        if isinstance(model, kind):
            return made(model)  # type: ignore[arg-type, call-arg]
    known = ", ".join(kind.__name__ for kind in STEPS)
    raise CorpusError(f"a model {type(model).__name__} is no voice; voices are made of {known}")


STEPS: dict[type[FrameModel], type[FrameStep]] = {NoteList: NoteListStep, RNNDBN: DBNStep}
