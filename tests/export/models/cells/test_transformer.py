import pytest
import torch

from export.models.cells.transformer import CONTEXT, Transformer

T, B, E = 12, 3, 7


@pytest.fixture
def model():
    torch.manual_seed(1)
    return Transformer(E, 8, 2).eval()


@torch.no_grad()
def test_steps_are_the_sequence(model):
    x = torch.randn(T, B, E)
    whole, _ = model(x, model.initial(B), torch.ones(T, B, dtype=torch.bool))
    state = model.initial(B)
    for event, expected in zip(x, whole, strict=True):
        output, state = model.step(event, state)
        torch.testing.assert_close(output, expected, atol=1e-5, rtol=1e-5)


@torch.no_grad()
def test_no_event_hears_a_later_one(model):
    x = torch.randn(T, B, E)
    mask = torch.ones(T, B, dtype=torch.bool)
    before, _ = model(x, model.initial(B), mask)
    x[7:] = torch.randn(T - 7, B, E)
    after, _ = model(x, model.initial(B), mask)
    torch.testing.assert_close(after[:7], before[:7])
    assert not torch.allclose(after[7:], before[7:])


@torch.no_grad()
def test_it_forgets_what_lies_beyond_its_context(model):
    x = torch.randn(2 * CONTEXT + 2, 1, E)
    mask = torch.ones(len(x), 1, dtype=torch.bool)
    before, _ = model(x, model.initial(1), mask)
    x[0] = 0
    after, _ = model(x, model.initial(1), mask)
    # Two blocks reach twice as far as one.
    torch.testing.assert_close(after[-1], before[-1])
    assert not torch.allclose(after[1], before[1])


def test_the_state_holds_keys_and_values(model):
    assert model.width == 2 * CONTEXT * 8 * 2 + 1
    _, state = model.step(torch.randn(B, E), model.initial(B))
    assert state.shape == (B, model.width)
    assert state[:, -1].tolist() == [1.0] * B
