import pytest
import torch

from export.papers.lstm_blues.blocks import BIASES, Blocks
from export.papers.lstm_blues.networks import CHORD_NOTES, Chords, Plain, Song


def lstm(blocks, x):
    """The textbook's equations, cell by cell, gates shared by two cells."""
    inputs, h, c = x.shape[-1], torch.zeros(blocks.hidden), torch.zeros(blocks.hidden)
    out = []
    mask = blocks.to_blocks
    for now in x:
        z = torch.cat([now, h])
        gates = torch.sigmoid((blocks.gates.weight * mask.repeat(3, 1)) @ z + blocks.gates.bias)
        i, f, o = (gate.repeat_interleave(2) for gate in gates.chunk(3))
        g = torch.tanh((blocks.cells.weight * mask.repeat_interleave(2, 0)) @ z + blocks.cells.bias)
        c = f * c + i * g
        h = o * torch.tanh(c)
        out.append(h)
    assert inputs
    return torch.stack(out)


@pytest.mark.parametrize("sign", [1, -1])
def test_blocks_are_an_lstm_whose_cells_share_gates(sign):
    torch.manual_seed(0)
    mask = torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    blocks = Blocks(torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0]]), mask, sign)
    notes, own, bias = blocks.weights()
    memory = torch.nn.LSTM(3, 4)
    with torch.no_grad():
        memory.weight_ih_l0.copy_(notes)
        memory.weight_hh_l0.copy_(own)
        memory.bias_ih_l0.copy_(bias)
        memory.bias_hh_l0.zero_()
    x = torch.rand(7, 3)
    torch.testing.assert_close(memory(x)[0], lstm(blocks, x))


def test_gates_are_biased_as_the_paper_has_them():
    for sign in (1, -1):
        bias = Chords(sign).blocks.gates.bias.detach()
        expected = torch.tensor(BIASES)
        assert torch.equal(bias, torch.cat([expected, sign * expected, expected]))


def gradient_from(model, output, notes):
    """[inputs] how much the outputs depend on each note of the step before."""
    x = torch.rand(3, model.notes, requires_grad=True)
    memory = torch.nn.LSTM(model.notes, model.hidden)
    parts = dict(zip(("weight_ih_l0", "weight_hh_l0", "bias_ih_l0"), model.memory(), strict=True))
    hidden, _ = torch.func.functional_call(memory, parts, x)
    weight, bias = model.outputs()
    logits = torch.cat([hidden, x], -1) @ weight.T + bias
    logits[output].sum().backward() if notes is None else logits[output, notes].sum().backward()
    return x.grad


def test_no_melody_reaches_the_chords():
    torch.manual_seed(0)
    model = Song()
    of_chords = gradient_from(model, 2, slice(0, CHORD_NOTES))
    of_melody = gradient_from(model, 2, slice(CHORD_NOTES, None))
    assert of_chords[:, :CHORD_NOTES].abs().min() > 0
    assert of_chords[:, CHORD_NOTES:].abs().max() == 0
    assert of_melody[:2].abs().min() > 0
    assert of_melody[2, CHORD_NOTES:].abs().min() > 0
    assert of_melody[2, :CHORD_NOTES].abs().max() == 0  # only by what its cells heard before


def test_the_control_is_as_wide():
    assert Plain().hidden == Chords().hidden == 8
