"""Exact models are asked for the probability of every frame there can be."""

import itertools

import pytest
import torch

from export.models.polyphony.frame_model import KEYS

SOUNDING = (0, 3, 20, 40, 41, 60, 79, 87)
"""The 2^8 frames of these keys are all there are if no other key may sound."""


class Enumeration:
    """All frames [256, 88] of these keys, and what comes of them."""

    def __init__(self):
        subsets = [s for n in range(9) for s in itertools.combinations(SOUNDING, n)]
        self.frames = torch.zeros(len(subsets), KEYS)
        for i, subset in enumerate(subsets):
            self.frames[i, list(subset)] = 1
        self.barred = torch.ones(KEYS, dtype=torch.bool)
        self.barred[list(SOUNDING)] = False

    def nats(self, model, past):
        """Log-likelihood [256] of each frame after `past` [T, 88]."""
        rows = len(self.frames)
        before = past[:, None].expand(-1, rows, -1)
        with torch.no_grad():
            state = model.begin(torch.zeros(rows, 1))
            everywhere = torch.ones(before.shape[:2], dtype=torch.bool)
            if len(past):
                _, state = model.log_likelihood(before, everywhere, state)
            found, _ = model.log_likelihood(
                self.frames[None], everywhere[:1].new_ones(1, rows), state
            )
        return found[0].double()


@pytest.fixture(scope="session")
def enumeration():
    return Enumeration()


@pytest.fixture
def random_roll():
    """Frames [T, B, 88] of a few keys."""

    def random_roll(frames, rows, seed=0):
        generator = torch.Generator().manual_seed(seed)
        return (torch.rand(frames, rows, KEYS, generator=generator) < 0.06).float()

    return random_roll


@pytest.fixture
def assert_streams(random_roll):
    """Frame by frame is as all at once; rows that have ended stand still; no future is heard."""

    def check(model):
        v, mask = random_roll(14, 3), torch.ones(14, 3, dtype=torch.bool)
        mask[9:, 1], mask[:, 2] = False, False
        other = v.clone()
        other[6:] = random_roll(8, 3, seed=5)
        with torch.no_grad():
            begin = model.begin(torch.zeros(3, 1))
            nats, after = model.log_likelihood(v, mask, begin)
            single, state = [], begin
            for frame, there in zip(v.split(1), mask.split(1), strict=True):
                one, state = model.log_likelihood(frame, there, state)
                single.append(one)
            elsewhere, _ = model.log_likelihood(other, mask, begin)
        assert torch.allclose(torch.cat(single), nats, atol=1e-4)
        assert torch.allclose(state, after, atol=1e-5)
        assert torch.equal(after[2], begin[2])
        assert not nats[~mask].any()
        assert torch.allclose(elsewhere[:6], nats[:6], atol=1e-4)

    return check


@pytest.fixture
def assert_sums_to_one(enumeration, random_roll):
    """The probabilities of all frames sum to 1, and differ, at the head of a piece and later."""

    def check(model):
        with torch.no_grad():
            model.visible.bias[enumeration.barred] = -60.0
        first, later = (enumeration.nats(model, random_roll(t, 1)[:, 0]) for t in (0, 5))
        for nats in (first, later):
            assert float(nats.exp().sum()) == pytest.approx(1, abs=1e-5)
        assert (first != later).all()

    return check


@pytest.fixture
def assert_trains(random_roll):
    """Every weight has a gradient."""

    def check(model):
        v, mask = random_roll(9, 2), torch.ones(9, 2, dtype=torch.bool)
        loss, _ = model.train().loss(v, mask, model.initial(2))
        loss.backward()
        assert [n for n, p in model.named_parameters() if p.grad is None or not p.grad.any()] == []

    return check
