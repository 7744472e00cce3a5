"""The step of a companion is the trained model, frame by frame."""

import pytest
import torch

from export.companions.step import CompanionStep
from export.models.companion import CompanionConfig, CompanionNet

SIZES = (2, 5, 3)
T = 9


@pytest.mark.parametrize("echo", [(), (1, 4)])
def test_the_step_gives_the_likelihood_of_the_model(echo):
    torch.manual_seed(1)
    config = CompanionConfig("drums", SIZES, 4, ("style:a",), hidden=8, head_width=8, echo=echo)
    model = CompanionNet(config).eval()
    frames = torch.stack([torch.randint(0, n, (T, 1)) for n in SIZES], -1)  # [T, 1, 3]
    start = torch.tensor(SIZES)
    before = torch.cat([start[None, None], frames[:-1]])
    padded = torch.cat([start.repeat(8, 1)[:, None], frames])
    echoes = torch.stack(
        [torch.cat([padded[t + 8 - n, 0] for n in echo]) if echo else frames[t, 0, :0]
         for t in range(T)]
    )[:, None]  # fmt: skip
    context, tags = torch.randn(T, 1, 4), torch.ones(T, 1, 1)
    heard = model.heard(context, tags, echoes)
    nats, _ = model.nats(
        frames, before, heard, torch.ones(T, 1, dtype=torch.bool), model.initial(1)
    )
    step = CompanionStep(model).eval()
    inputs = list(step.shape.first(1))
    names = step.shape.inputs
    for t in range(T):
        inputs[names.index("context")] = context[t]
        inputs[names.index("style")] = tags[t]
        inputs[-3:] = list(frames[t].T)
        out = step(*inputs)
        assert -out[-2].item() == pytest.approx(nats[t].sum().item(), abs=0.05)  # rows are int8
        carried = len(SIZES) + len(step.shape.states) + 1
        inputs[:carried] = out[:carried]
