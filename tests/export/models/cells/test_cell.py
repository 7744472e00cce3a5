"""The contract of every cell: a step is the sequence, padded rows rest, nothing leaks."""

import pytest
import torch

from export.models.cells.cell import dropout_mask
from export.models.melody import CELLS

T, B, E, H, DEPTH = 7, 5, 6, 8, 2


@pytest.fixture(params=CELLS)
def cell(request):
    torch.manual_seed(3)
    made = CELLS[request.param](E, H, DEPTH)
    with torch.no_grad():
        for weight in made.parameters():
            weight.mul_(2)
    return made


@pytest.fixture
def batch(cell):
    torch.manual_seed(4)
    return torch.randn(T, B, E), torch.randn(B, cell.width), torch.ones(T, B, dtype=torch.bool)


def test_a_sequence_is_its_steps(cell, batch):
    x, state, mask = batch
    outputs, last = cell(x, state, mask)
    stepped = []
    for event in x:
        output, state = cell.step(event, state)
        stepped.append(output)
    torch.testing.assert_close(outputs, torch.stack(stepped), atol=1e-5, rtol=0)
    torch.testing.assert_close(last, state, atol=1e-5, rtol=0)
    assert outputs.shape == (T, B, cell.hidden)


def test_padded_rows_rest(cell, batch):
    x, state, mask = batch
    lengths = [7, 3, 0, 1, 5]
    for row, length in enumerate(lengths):
        mask[length:, row] = False
    outputs, last = cell(x, state, mask)
    for row, n in enumerate(lengths):
        out, end = cell(x[:, [row]][:n], state[[row]], mask[:, [row]][:n]) if n else (None, None)
        torch.testing.assert_close(last[[row]], end if n else state[[row]])
        if n:
            torch.testing.assert_close(outputs[:n, [row]], out)


def test_no_event_looks_ahead(cell, batch):
    x, state, mask = batch
    x.requires_grad_()
    cell(x, state, mask)[0][3].sum().backward()
    assert (x.grad[:4] != 0).any(-1).all()
    assert (x.grad[4:] == 0).all()


def test_what_is_padded_gives_no_gradient(cell, batch):
    x, state, mask = batch
    mask[4:, 1] = False
    x.requires_grad_()
    cell(x, state, mask)[1].sum().backward()
    assert (x.grad[4:, 1] == 0).all()
    assert (x.grad[:4, 1] != 0).any()


def test_dropout_is_the_same_at_all_steps_and_keeps_the_mean(cell, batch):
    x, state, mask = batch
    torch.manual_seed(5)
    one = cell(x, state, mask, (0.5, 0.5))[0]
    torch.manual_seed(5)
    torch.testing.assert_close(cell(x, state, mask, (0.5, 0.5))[0], one)
    assert not torch.allclose(one, cell(x, state, mask)[0])
    kept = dropout_mask(torch.zeros(100_000), 0.25)
    assert set(kept.unique().tolist()) == {0.0, torch.tensor(1 / 0.75).item()}
    assert abs(kept.mean() - 1) < 0.02


def test_the_initial_state_is_zero(cell):
    torch.testing.assert_close(cell.initial(3), torch.zeros(3, cell.width), atol=0, rtol=0)


def test_an_lstm_step_is_the_one_of_torch():
    torch.manual_seed(0)
    ours, theirs = CELLS["lstm"](E, H, 1), torch.nn.LSTM(E, H)
    with torch.no_grad():
        ours.layers[0].weight.copy_(torch.cat([theirs.weight_ih_l0, theirs.weight_hh_l0], 1))
        ours.layers[0].bias.copy_(theirs.bias_ih_l0 + theirs.bias_hh_l0)
    x, mask = torch.randn(T, B, E), torch.ones(T, B, dtype=torch.bool)
    torch.testing.assert_close(ours(x, ours.initial(B), mask)[0], theirs(x)[0])
