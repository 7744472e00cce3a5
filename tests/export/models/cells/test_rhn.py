import numpy as np
import pytest
import torch

from export.models.cells.rhn import RHN

T, B, E, H, DEPTH = 7, 5, 6, 8, 3


@pytest.fixture
def rhn():
    torch.manual_seed(3)
    return RHN(E, H, DEPTH)


@pytest.fixture
def batch():
    torch.manual_seed(4)
    return torch.randn(T, B, E), torch.randn(B, H), torch.ones(T, B, dtype=torch.bool)


def equations(rhn, x, s):
    """Equations 6 to 8 of Zilly et al. 2017 with c = 1 - t, for one row, in float64."""
    w, b_in = (p.detach().double().numpy() for p in (rhn.inputs.weight, rhn.inputs.bias))
    for depth, layer in enumerate(rhn.layers):
        r, b = (p.detach().double().numpy() for p in (layer.weight, layer.bias))
        gates = r @ s + b
        if depth == 0:
            gates = gates + w @ x + b_in
        h, t = np.tanh(gates[:H]), 1 / (1 + np.exp(-gates[H:]))
        s = h * t + s * (1 - t)
    return s


def test_a_step_is_the_equations(rhn, batch):
    x, state, _ = batch
    plain = [equations(rhn, a.double().numpy(), s.double().numpy())
             for a, s in zip(x[0], state, strict=True)]  # fmt: skip
    stepped = rhn.transition(rhn.inputs(x[0]), state).detach().numpy()
    np.testing.assert_allclose(stepped, plain, atol=1e-5)


def test_a_sequence_is_its_steps(rhn, batch):
    x, state, mask = batch
    states, last = rhn(x, state, mask)
    stepped = []
    for event in x:
        state = rhn.transition(rhn.inputs(event), state)
        stepped.append(state)
    torch.testing.assert_close(states, torch.stack(stepped), atol=1e-5, rtol=0)
    torch.testing.assert_close(last, states[-1], atol=0, rtol=0)


def test_padded_rows_rest(rhn, batch):
    x, state, mask = batch
    lengths = [7, 3, 0, 1, 5]
    for row, length in enumerate(lengths):
        mask[length:, row] = False
    _, last = rhn(x, state, mask)
    for row, n in enumerate(lengths):
        alone = rhn(x[:n, [row]], state[[row]], mask[:n, [row]])[1] if n else state[[row]]
        torch.testing.assert_close(last[[row]], alone)


def test_what_is_padded_gives_no_gradient(rhn, batch):
    x, state, mask = batch
    mask[4:, 1] = False
    x.requires_grad_()
    rhn(x, state, mask)[1].sum().backward()
    assert (x.grad[4:, 1] == 0).all()
    assert (x.grad[:4, 1] != 0).any()


def test_a_dropout_mask_is_the_same_at_all_steps(rhn, batch):
    x, state, mask = batch
    same = x[:1].expand(T, -1, -1)
    torch.manual_seed(5)
    dropped = rhn(same, state, mask, (0.5, 0.5))[0]
    torch.manual_seed(5)
    keep_input = torch.empty(B, E).bernoulli_(0.5) * 2
    keep_state = torch.empty(B, H).bernoulli_(0.5) * 2
    for step, got in enumerate(dropped):
        state = rhn.transition(rhn.inputs(same[step] * keep_input), state, keep_state)
        torch.testing.assert_close(got, state, atol=1e-6, rtol=0)


def test_a_new_network_lets_its_state_through():
    torch.manual_seed(0)
    rhn = RHN(E, H, 1, carry_bias=-30.0)
    state = torch.randn(B, H)
    torch.testing.assert_close(rhn.transition(torch.zeros(B, 2 * H), state), state)


def test_the_initial_state_is_zero(rhn):
    torch.testing.assert_close(rhn.initial(3), torch.zeros(3, H), atol=0, rtol=0)
