"""A note-list model a frame at a time is what was trained."""

import numpy as np
import pytest
import torch

from export.frames.step import PERIOD
from export.models.polyphony.note_list import NoteList, NoteListConfig
from export.rolls.roll_steps import step_of
from stream.compose.polyphony.roll_frames import SLOTS
from tests.export.rolls.stepping import rolls, run, wild


@pytest.mark.parametrize(
    "sizes",
    [
        {"features": 0, "reach": 0, "clock": False},
        {"features": 6, "reach": 0},
        {"features": 6, "reach": 16, "sets": ("a", "b")},
    ],
)
def test_a_note_list_step_is_what_was_trained(sizes):
    model = wild(NoteList(NoteListConfig(hidden=10, head=9, **sizes)), 0.3)
    made = rolls(40, 3)
    v, tags = torch.from_numpy(made).float(), torch.zeros(3, len(model.config.sets))
    tags[:, 1:] = 1
    with torch.no_grad():
        expected, _ = model.log_likelihood(
            v, torch.ones(40, 3, dtype=torch.bool), model.begin(tags)
        )
        found = run(step_of(model).eval(), made, tags)
    np.testing.assert_allclose(found, expected, atol=1e-4, rtol=1e-5)


def test_a_start_token_forgets_everything():
    model = wild(NoteList(NoteListConfig(hidden=10, head=9, features=6, reach=16)), 0.3)
    step, made = step_of(model).eval(), rolls(20, 2)
    with torch.no_grad():
        inputs = list(step.shape.first(2))
        kept = len(step.shape.states)
        fresh = step(*inputs)
        inputs[SLOTS : SLOTS + kept] = [torch.ones_like(s) for s in inputs[SLOTS : SLOTS + kept]]
        inputs[SLOTS + kept] = torch.full((2,), PERIOD - 1)
        again = step(*inputs)
    for one, other in zip(fresh, again, strict=True):
        assert torch.equal(one, other)
    assert again[SLOTS + kept].tolist() == [1, 1]
    assert made.any()
