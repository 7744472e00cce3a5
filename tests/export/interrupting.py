"""Training that is cut short, and goes on."""

import pytest
import torch

from export.training import checkpoint


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def without_time(progress):
    return {name: value for name, value in progress.items() if name != "seconds"}


def cut_short(patch, trainer, work):
    """Do the work, which is interrupted as the third epoch begins."""

    def interrupted(self, *args):
        if self.epochs_done == 2:
            raise KeyboardInterrupt
        return epoch(self, *args)

    epoch = trainer._epoch
    with patch.context() as own:
        own.setattr(trainer, "_epoch", interrupted)
        with pytest.raises(KeyboardInterrupt):
            work()


def assert_alike(whole, broken):
    """Two folders hold the same best and last checkpoints; the progress of both, by name."""
    found = {}
    for name in ("best", "last"):
        one, other = (checkpoint.load(folder / f"{name}.npz") for folder in (whole, broken))
        assert same(one.weights, other.weights)
        assert same(one.optimizer, other.optimizer)
        assert same(one.average, other.average)
        found[name] = one.progress, other.progress
    return found
