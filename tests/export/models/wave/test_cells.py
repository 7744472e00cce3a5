"""The cells on sequences and step by step."""

import pytest
import torch

from export.models.wave.block_rnn import BlockConfig, BlockRNN, equal_hidden, parameters
from export.models.wave.cells import CELLS, LSTM


@pytest.mark.parametrize("name", CELLS)
def test_a_stream_that_carries_its_state_is_the_sequence_computed_anew(name):
    torch.manual_seed(1)
    model = BlockRNN(BlockConfig(rate=800, hop=20, fade=4, hidden=9, cell=name)).eval()
    if name == "peephole":
        torch.nn.init.normal_(model.cell.peep)
    x = torch.randn(12, 2, model.config.features)
    state = model.initial(2)
    for t in range(len(x)):
        streamed, state = model.step(x[t], state)
        anew, last = model(x[: t + 1], model.initial(2))
        torch.testing.assert_close(streamed, anew[-1], atol=1e-5, rtol=0)
        torch.testing.assert_close(state, last, atol=1e-5, rtol=0)


def test_without_weights_the_peepholes_are_those_of_an_lstm():
    torch.manual_seed(1)
    peephole, lstm = CELLS["peephole"](3, 5), LSTM(3, 5)
    lstm.load_state_dict(peephole.state_dict(), strict=False)
    x = torch.randn(4, 2, 3)
    state = torch.randn(2, 10)
    torch.testing.assert_close(peephole(x, state)[0], lstm(x, state)[0])
    torch.nn.init.ones_(peephole.peep)
    assert not torch.allclose(peephole(x, state)[0], lstm(x, state)[0])


def test_a_gru_of_the_same_size_is_wider():
    config = BlockConfig(rate=800, hop=20, fade=4, hidden=40)
    target = parameters(BlockRNN(config))
    gru = BlockConfig(rate=800, hop=20, fade=4, cell="gru")
    width = equal_hidden(gru, target)
    found = parameters(BlockRNN(BlockConfig(rate=800, hop=20, fade=4, cell="gru", hidden=width)))
    assert width > 40
    assert abs(found / target - 1) < 0.02
