"""Steps run frame by frame."""

import numpy as np
import torch

from stream.compose.polyphony.roll_frames import SLOTS, listed


def wild(model, scale):
    torch.manual_seed(5)
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(0, scale)
    return model.eval()


def rolls(frames, rows):
    """Figures that come back, silences, and frames of their own; twelve notes at most."""
    rng = np.random.default_rng(2)
    figure = rng.random((5, rows, 88)) < 0.05
    made = figure[np.arange(frames) % 5]
    made[::7] = rng.random(made[::7].shape) < 0.04
    made[3] = False
    return made


def run(step, made, style=None):
    """Log-probability [T, B] of forced rolls [T, B, 88]."""
    inputs = list(step.shape.first(made.shape[1]))
    if style is not None:
        inputs[step.shape.inputs.index("style")] = style
    kept = SLOTS + len(step.shape.states) + 1
    found = []
    for frame in made:
        tokens = torch.from_numpy(listed(frame))
        inputs[-SLOTS:] = list(tokens.T)
        out = step(*inputs)
        assert torch.equal(torch.stack(out[:SLOTS], -1), tokens)
        found.append(out[-2])
        inputs[:kept] = out[:kept]
    return torch.stack(found)
