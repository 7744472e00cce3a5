"""Exact likelihoods of small machines, the test of differences, and the page from tiny sets."""

import itertools
import json
import math

import numpy as np
import pytest
import torch

from benchmarks.polyphony import annealing
from benchmarks.polyphony.pairs.enumerated import (
    deep_log_likelihood,
    log_likelihood,
    log_z,
    states,
)
from benchmarks.polyphony.pairs.hierarchy import (
    Difference,
    of_set,
    of_such_sets,
    of_these_sets,
)
from benchmarks.polyphony.pairs.measuring import chosen
from benchmarks.polyphony.pairs.records import bias
from export.models.polyphony.boltzmann import Boltzmann
from export.papers.rnn_dbn.ais import Annealing, partition
from export.papers.rnn_dbn.bound import bounds
from stream.errors import SettingsError


def machines(visible, hidden, count=3, seed=1):
    generator = torch.Generator().manual_seed(seed)
    shapes = ((visible, hidden), (count, visible), (count, hidden))
    return Boltzmann(*(torch.randn(s, generator=generator) for s in shapes))


def test_all_states_of_a_small_machine_sum_to_one():
    found = machines(4, 3)
    every = torch.tensor(list(itertools.product([0.0, 1.0], repeat=4)))
    total = sum(log_likelihood(found, v.expand(3, -1)).exp() for v in every)
    torch.testing.assert_close(total, torch.ones(3, dtype=torch.float64))


def test_all_states_of_two_layers_sum_to_one():
    layers = machines(4, 3), machines(3, 5, seed=2)
    every = torch.tensor(list(itertools.product([0.0, 1.0], repeat=4)))
    total = sum(deep_log_likelihood(layers, v.expand(3, -1)).exp() for v in every)
    torch.testing.assert_close(total, torch.ones(3, dtype=torch.float64))


def test_long_annealing_meets_the_enumerated_normalizer():
    found, generator = machines(12, 6), torch.Generator().manual_seed(1)
    estimate = partition(found, Annealing(400, 64), generator).log_z
    torch.testing.assert_close(estimate.double(), log_z(found), atol=0.1, rtol=0)


def test_the_bound_of_many_samples_meets_the_enumerated_likelihood():
    layers, generator = (machines(8, 4), machines(4, 5, seed=2)), torch.Generator().manual_seed(1)
    v = torch.ones(3, 8)
    found = bounds(layers, v, log_z(layers[1]).float(), 4000, generator).tightened
    torch.testing.assert_close(found.double(), deep_log_likelihood(layers, v), atol=0.1, rtol=0)


def test_too_many_states_are_refused():
    with pytest.raises(SettingsError, match="20 units"):
        states(20)


def test_frames_of_one_piece_count_as_one_reading():
    rng = np.random.default_rng(1)
    by_piece = rng.normal(size=10)
    piece = np.repeat(np.arange(10), 50)
    d = np.tile(by_piece[piece], (3, 1))
    found = of_set(d, piece)
    assert found.mean == pytest.approx(by_piece.mean())
    assert found.variance == pytest.approx(by_piece.var(ddof=1) / 10)
    assert found.freedom == pytest.approx(9)


def test_models_of_one_seed_count_as_one_reading():
    by_seed = np.array([0.0, 1.0, 2.0])
    found = of_set(np.tile(by_seed[:, None], (1, 40)), np.arange(40) // 4)
    assert found.variance == pytest.approx(1 / 3)
    assert found.freedom == pytest.approx(2)
    assert found.half == pytest.approx(4.303 * math.sqrt(1 / 3))


def test_one_seed_proves_nothing():
    found = of_set(np.ones((1, 40)), np.arange(40))
    assert found.verdict == "undecided"


def test_sets_as_a_sample_decide_less_than_these_sets():
    sets = [Difference(mean, 1e-4, 20.0) for mean in (0.2, 0.1, 0.3, -0.1)]
    these, such = of_these_sets(sets), of_such_sets(sets)
    assert these.mean == such.mean == pytest.approx(0.125)
    assert (these.verdict, such.verdict) == ("holds", "undecided")
    assert of_these_sets([Difference(-1.0, 1e-4, 9.0)]).verdict == "the other way round"


def test_chosen_frames_are_the_same_and_know_their_piece():
    rolls = [np.full((n, 88), i, bool) for i, n in enumerate((5, 1, 30))]
    found = chosen(rolls, 12)
    assert len(found.at) == 12
    again = np.concatenate(found.rolls)[found.at]
    assert (again == np.concatenate(rolls)[chosen(rolls, 12).at]).all()
    ends = np.cumsum([len(roll) for roll in found.rolls])
    assert (np.searchsorted(ends, found.at, "right") == found.piece).all()


def test_the_expected_bias_grows_with_the_spread():
    few, many = (bias(np.array([[sd]]), 16) for sd in (0.2, 1.0))
    assert few == pytest.approx(0.04 / 32, rel=0.05)
    assert many > 30 * few


@pytest.fixture
def archive(tmp_path):
    path, rng, arrays = tmp_path / "tiny.npz", np.random.default_rng(1), {}
    for split in ("train", "valid", "test"):
        arrays[f"{split}_roll"] = np.packbits(rng.random((48, 88)) < 0.03, axis=1)
        arrays[f"{split}_lengths"] = np.full(4, 12)
    np.savez(path, **arrays)
    return path


def test_from_sets_to_the_page(archive, tmp_path, capsys):
    call = (f"--set=jsb={archive}", f"--out={tmp_path / 'runs'}", "--effort=1e-5", "--seeds=2",
            "--betas=8", "--chains=2", "--frames=6", "--enumerated=2",
            f"--results={tmp_path / 'results'}")  # fmt: skip
    assert annealing.main(call) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    measures = {record["measure"] for record in printed}
    assert {"log_likelihood_ais", "log_likelihood_bound", "difference", "mean_error",
            "training_monitor"} <= measures  # fmt: skip
    text = (tmp_path / "results" / "annealing.md").read_text()
    assert "Sets not run: Nottingham, MuseData, Piano-midi.de." in text
    assert "such sets" in text
    assert "RNN-DBN, enumerated" in text
    # What is stored is not measured again.
    trained = sorted((tmp_path / "runs").rglob("best.npz"))
    times = [path.stat().st_mtime_ns for path in trained]
    assert annealing.main(call) == 0
    assert [path.stat().st_mtime_ns for path in trained] == times
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == printed
