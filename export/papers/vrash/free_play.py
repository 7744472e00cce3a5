"""Free-running sampling: many tunes at once, each note drawn and fed back, by the voices' step."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from export.models.melody import MelodyModel
from export.models.step import Step, state_width
from stream.compose.melody.vocabulary import REST, START

Tokens = NDArray[np.uint8]


@torch.no_grad()
def play(
    model: MelodyModel,
    tags: Tensor,
    latent: Tensor,
    notes: NDArray[np.int64],
    *,
    seed: int,
    temperature: float = 1.0,
) -> list[Tokens]:
    """Return K tunes [events, 3] under `tags` [K, S] and latent points `latent` [K, Z].

    Tune k ends with its `notes[k]`-th note, or after 2.5 times as many events, mostly rests. Notes
    are drawn from the whole distribution (no nucleus), with noise from `seed`.
    """
    step = Step(model).eval()
    generator = torch.Generator().manual_seed(seed)
    rows = np.arange(len(notes))
    limit = int(2.5 * notes.max()) + 1
    played = np.zeros((limit, len(notes), 3), np.uint8)
    events, left = np.zeros(len(notes), np.int64), notes.astype(np.int64)
    tokens = [torch.full((len(rows),), start) for start in START]
    state = (torch.zeros(len(rows), state_width(model)), torch.zeros(len(rows), dtype=torch.int64))
    heat, whole = torch.tensor(temperature), torch.tensor(1.0)
    for _ in range(limit):
        free = torch.full((len(rows),), -1)
        noise = torch.rand(len(rows), len(START), generator=generator)
        # No outline prescribes anything.
        context = torch.zeros(len(rows), model.config.context)
        *tokens, carried, position, _, _ = step(
            *tokens, *state, latent[rows], tags[rows], heat, whole, noise, free, free, free, context
        )
        played[events[rows], rows] = torch.stack(tokens, -1).numpy()
        events[rows] += 1
        left[rows] -= tokens[0].numpy() != REST
        on = (left[rows] > 0) & (events[rows] < 2.5 * notes[rows])
        rows, mask = rows[on], torch.from_numpy(on)
        if not len(rows):
            break
        tokens, state = [t[mask] for t in tokens], (carried[mask], position[mask])
    return [played[:n, k] for k, n in enumerate(events)]
