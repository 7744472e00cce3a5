"""Our model, in stretches and frame by frame."""

import torch

from export.models.wave.partial_rnn import PartialConfig, PartialRNN


def tiny():
    torch.manual_seed(1)
    return PartialRNN(PartialConfig(7, ("one", "two"), hidden=5, choices=3, delays=4)).eval()


def test_a_stream_that_carries_its_state_is_the_sequence_computed_anew():
    model, x, style = tiny(), torch.rand(11, 2, 7), torch.eye(2)
    state = torch.rand(2, model.width)
    centres, logits, last = model(x, style, state)
    for t in range(len(x)):
        centre, logit, state = model.step(x[t], style, state)
        torch.testing.assert_close(centre, centres[t], atol=1e-5, rtol=0)
        torch.testing.assert_close(logit, logits[t], atol=1e-5, rtol=0)
    torch.testing.assert_close(state, last, atol=1e-5, rtol=0)


def test_the_likelihood_is_that_of_the_mixture():
    model = tiny()
    centre, logits, x = torch.rand(1, 1, 7), torch.randn(1, 1, 3), torch.rand(1, 1, 7)
    parts = [
        torch.distributions.Normal(centre + change, model.log_deviation.exp()).log_prob(x).sum()
        for change in model.changes
    ]
    wanted = torch.logsumexp(torch.log_softmax(logits[0, 0], 0) + torch.stack(parts), 0)
    torch.testing.assert_close(model.log_likelihood(centre, logits, x)[0, 0], wanted)


def test_every_choice_is_drawn_as_often_as_it_is_likely():
    model, logits = tiny(), torch.log(torch.tensor([[0.5, 0.2, 0.3]]))
    with torch.no_grad():
        model.changes.copy_(torch.tensor([[0.1], [0.2], [0.3]]).expand(3, 7))
    noise = torch.linspace(0, 0.999, 1000)[:, None]
    rows = logits.expand(1000, -1)
    drawn = model.drawn(torch.zeros(1000, 7), rows, torch.tensor(1.0), noise)[:, 0]
    counts = [int((drawn - level).abs().lt(1e-6).sum()) for level in (0.1, 0.2, 0.3)]
    assert all(abs(n - 1000 * p) <= 2 for n, p in zip(counts, (0.5, 0.2, 0.3), strict=True))
    cold = model.drawn(torch.zeros(1000, 7), rows, torch.tensor(0.01), noise)[:, 0]
    torch.testing.assert_close(cold, torch.full((1000,), 0.1))
