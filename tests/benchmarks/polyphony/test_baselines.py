import pytest
import torch

from benchmarks.polyphony.lists.baselines import KINDS, FlatConfig, TransformerConfig

FRAMES, ROWS = 20, 3


@pytest.fixture(params=["frame-transformer", "flat-gru"])
def model(request):
    torch.manual_seed(1)
    small = {"sets": ("a",), "width": 8, "layers": 2}
    configs = {
        "frame-transformer": TransformerConfig(**small, heads=2, window=FRAMES),
        "flat-gru": FlatConfig(**small),
    }
    made = KINDS[request.param].build(configs[request.param]).eval()
    with torch.no_grad():
        for weight in made.parameters():
            # Louder than fresh: what it hears shows in what it says.
            weight.add_(torch.randn_like(weight) * 0.5)
    return made


@pytest.fixture
def v():
    generator = torch.Generator().manual_seed(2)
    return (torch.rand(FRAMES, ROWS, 88, generator=generator) < 0.05).float()


def begin(model, rows=ROWS):
    return model.begin(torch.ones(rows, 1))


def test_chunks_equal_the_whole(model, v):
    mask = torch.ones(FRAMES, ROWS, dtype=torch.bool)
    whole, end = model.log_likelihood(v, mask, begin(model))
    first, state = model.log_likelihood(v[:7], mask[:7], begin(model))
    second, after = model.log_likelihood(v[7:], mask[7:], state)
    torch.testing.assert_close(torch.cat([first, second]), whole, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(after, end, atol=1e-4, rtol=1e-4)


def test_rows_end_on_their_own(model, v):
    mask = torch.ones(FRAMES, ROWS, dtype=torch.bool)
    whole, _ = model.log_likelihood(v, mask, begin(model))
    mask[5:, 1], mask[:, 2] = False, False
    ragged, state = model.log_likelihood(v, mask, begin(model))
    torch.testing.assert_close(ragged[mask], whole[mask], atol=1e-4, rtol=1e-4)
    assert ragged[~mask].abs().max() == 0
    rest, _ = model.log_likelihood(v[5:], torch.ones(FRAMES - 5, ROWS, dtype=torch.bool), state)
    torch.testing.assert_close(rest[:, 1], whole[5:, 1], atol=1e-4, rtol=1e-4)


def test_the_future_is_not_heard(model, v):
    mask = torch.ones(FRAMES, ROWS, dtype=torch.bool)
    whole, _ = model.log_likelihood(v, mask, begin(model))
    v[10:] = 0
    changed, _ = model.log_likelihood(v, mask, begin(model))
    torch.testing.assert_close(changed[:10], whole[:10], atol=1e-4, rtol=1e-4)


def test_the_probabilities_of_all_frames_of_two_keys_are_at_most_one(model):
    # All frames of at most two of twelve keys: disjoint events after the same past.
    pairs = torch.combinations(torch.arange(12), 2)
    frames = torch.zeros(1, len(pairs) + 13, 88)
    frames[0, torch.arange(len(pairs))[:, None], 30 + pairs] = 1
    frames[0, len(pairs) + torch.arange(12), 30 + torch.arange(12)] = 1
    mask = torch.ones(frames.shape[:2], dtype=torch.bool)
    nats, _ = model.log_likelihood(frames, mask, begin(model, frames.shape[1]))
    assert 0 < float(nats.detach().exp().sum()) <= 1
