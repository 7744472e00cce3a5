import dataclasses

import pytest
import torch

from export.training import averaged, checkpoint
from export.training.checkpoint import Checkpoint


@pytest.fixture
def last(tmp_path, make_model):
    """The path of a run's last checkpoint, and the checkpoint."""
    model = make_model("vrash")
    weights = model.state_dict()
    average = {name: torch.zeros_like(value) for name, value in weights.items()}
    found = Checkpoint("vrash", model.config, weights, progress={"epochs": 3}, average=average)
    checkpoint.save(tmp_path / "last.npz", found)
    return tmp_path / "last.npz", found


def test_the_averaged_weights_become_the_weights(last, tmp_path):
    path, found = last
    out = tmp_path / "averaged.npz"
    assert averaged.main([str(path), str(out)]) == 0
    taken = checkpoint.load(out)
    assert taken.weights.keys() == found.average.keys()
    assert all(torch.equal(taken.weights[name], found.average[name]) for name in taken.weights)
    assert (taken.average, taken.optimizer, taken.progress) == ({}, {}, {"epochs": 3})


def test_a_run_without_averaged_weights_is_refused(last, tmp_path, capsys):
    path, found = last
    checkpoint.save(path, dataclasses.replace(found, average={}))
    out = tmp_path / "averaged.npz"
    assert averaged.main([str(path), str(out)]) == 2
    assert "no averaged weights" in capsys.readouterr().err
    assert not out.exists()
