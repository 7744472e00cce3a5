"""Tiny sets of rolls, tiny chorales, and a model of them."""

import numpy as np
import pytest
import torch

from export.models.polyphony.chorale import Chorale, ChoraleConfig

CHORALE_SIZES = {"hidden": 12, "depth": 1, "part_width": 8}
PATTERNS = ((0, 4, 7), (0, 5, 9), (2, 7, 11), (0, 4, 7, 12))


def roll(i, frames):
    """Chords that walk through the patterns, one every second frame."""
    made = np.zeros((frames, 88), bool)
    for t in range(frames):
        made[t, 30 + i % 3 + np.array(PATTERNS[(t // 2 + i) % 4])] = True
    return made


def pack(pieces):
    lengths = np.array([len(piece) for piece in pieces])
    return np.packbits(np.concatenate(pieces), axis=1), lengths


def write_set(path, train, valid, test):
    """An archive of piano rolls from three lists of pieces, bool [T, 88]."""
    arrays = {}
    for name, pieces in (("train", train), ("valid", valid), ("test", test)):
        arrays[f"{name}_roll"], arrays[f"{name}_lengths"] = pack(pieces)
    np.savez(path, **arrays)
    return path


@pytest.fixture(scope="session")
def pieces():
    """Twelve rolls of different lengths."""
    return [roll(i, 9 + 5 * (i % 4)) for i in range(12)]


@pytest.fixture(scope="session")
def archive(tmp_path_factory, pieces):
    return write_set(
        tmp_path_factory.mktemp("rolls") / "tiny.npz", pieces[:8], pieces[8:10], pieces[10:]
    )


def chorale(i, frames):
    """Chords of four sixteenths, and a passing note in the alto."""
    rng = np.random.default_rng(i)
    made = np.repeat(rng.integers((40, 33, 28, 15), (48, 40, 34, 24), (-(-frames // 4), 4)), 4, 0)
    made = made[:frames]
    made[2::8, 1] += 1
    if i % 3 == 0:
        made[:2, 2] = 0
    return made


@pytest.fixture(scope="session")
def chorales():
    return [chorale(i, 20 + 7 * i) for i in range(6)]


@pytest.fixture(params=["SBTA", "BATS"])
def chorale_model(request):
    torch.manual_seed(3)
    model = Chorale(ChoraleConfig(**CHORALE_SIZES, order=request.param)).eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(2)
    return model
