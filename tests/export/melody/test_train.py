import json
import os
import pathlib
import re
import socket
import subprocess
import sys

import pytest
import torch
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from export.corpus.dataset import split_of
from export.melody import train
from export.melody.evaluate import Reading, read
from export.melody.plan import MelodyPlan
from export.models.melody import Losses
from export.models.melody_config import MelodyConfig
from export.training import checkpoint
from export.training.kinds import MELODIES
from export.training.splits import train_and_valid
from stream.errors import CorpusError, SettingsError
from tests.export.interrupting import assert_alike, cut_short, same, without_time

ROOT = pathlib.Path(__file__).parents[3]
SIZES = ("--hidden", "16", "--depth", "1", "--latent", "2", "--encoder-hidden", "8",
         "--tag-width", "4", "--rows", "8")  # fmt: skip
CONFIG = MelodyConfig(("even",), 32, 2, latent=8, encoder_hidden=16, tag_width=4)


@pytest.fixture
def run(archive, tmp_path):
    """Train on the tiny corpus, into a folder of that name; the exit code."""

    def run(folder, *options, corpus=f"even={archive}"):
        out = ("--out", str(tmp_path / folder))
        return train.main(["--corpus", corpus, *out, *SIZES, *options])

    return run


def weights(folder, name="last"):
    return checkpoint.load(folder / f"{name}.npz").weights


def test_a_model_learns_and_uses_its_latent_point(melodies, tmp_path, capsys):
    plan = MelodyPlan(
        epochs=24, rows=8, length=32, rate=0.02, word_dropout=0.3, input_dropout=0.0,
        state_dropout=0.0,
    )  # fmt: skip
    task = train.MelodyTask("vrash", CONFIG, plan, *train_and_valid(melodies))
    train.Trainer(task, plan, tmp_path).fit()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["epoch"] for line in lines] == list(range(1, 25))
    # Chance is log2(13 * 8 * 11) = 10.2 bits.
    assert lines[0]["valid_bits"] > 5
    assert lines[-1]["valid_bits"] < 4
    assert lines[-1]["kl"] > 1


def test_the_best_epoch_is_kept_and_evaluates_to_its_figure(run, tmp_path, melodies):
    assert run("x", "--epochs", "3", "--rate", "0.01", "--tag-dropout", "0") == 0
    best, last = (checkpoint.load(tmp_path / "x" / f"{n}.npz") for n in ("best", "last"))
    assert best.optimizer == {}
    assert best.progress["best"] == best.progress["valid"]["elbo"] == last.progress["best"]
    found, model = checkpoint.load_model(tmp_path / "x" / "best.npz", MELODIES)
    valid = train_and_valid(melodies)[1]
    assert read(model, valid).elbo == found.progress["best"]
    assert sorted(p.name for p in (tmp_path / "x").iterdir()) == ["best.npz", "last.npz", "logs"]


def test_the_seed_decides_the_weights(run, tmp_path):
    for folder, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        assert run(folder, "--epochs", "1", "--seed", seed) == 0
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))
    assert not same(weights(tmp_path / "a"), weights(tmp_path / "c"))


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(run, tmp_path, monkeypatch):
    options = ("--epochs", "4", "--model", "vrash")
    assert run("whole", *options) == 0

    cut_short(monkeypatch, train.Trainer, lambda: run("broken", *options))
    assert checkpoint.load(tmp_path / "broken" / "last.npz").progress["epochs"] == 2
    assert run("broken", *options, "--resume") == 0
    for one, other in assert_alike(tmp_path / "whole", tmp_path / "broken").values():
        assert without_time(one) == without_time(other)


def reading_of(elbo):
    return Reading(elbo, elbo, 0.0, (elbo, 0.0, 0.0), 1)


def test_a_run_that_no_longer_improves_stops(run, tmp_path, monkeypatch, capsys):
    figures = iter([4.0, 3.0, 3.5, 3.1, 2.0, 2.0])
    monkeypatch.setattr(train, "read", lambda *_: reading_of(next(figures)))
    assert run("x", "--epochs", "9", "--patience", "2") == 0
    last = checkpoint.load(tmp_path / "x" / "last.npz").progress
    assert (last["epochs"], last["best"], last["best_epoch"]) == (4, 3.0, 2)
    assert checkpoint.load(tmp_path / "x" / "best.npz").progress["epochs"] == 2
    # What has stopped stays so.
    assert run("x", "--epochs", "9", "--patience", "2", "--resume") == 0
    assert checkpoint.load(tmp_path / "x" / "last.npz").progress["epochs"] == 4
    assert len(capsys.readouterr().out.splitlines()) == 4


def test_tensorboard_reads_the_figures(run, tmp_path, capsys):
    assert run("x", "--epochs", "2", "--model", "lm") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    events = EventAccumulator(str(tmp_path / "x" / "logs")).Reload()
    for name in ("train_nats", "valid_bits", "reconstruction", "kl"):
        values = [(s.step, pytest.approx(s.value, rel=1e-6)) for s in events.Scalars(name)]
        assert [(line["epoch"], line[name]) for line in lines] == values


@pytest.fixture
def task():
    return train.MelodyTask("vrash", CONFIG, MelodyPlan(free_bits=0.25, annealing=0.2), [], [])


@pytest.mark.parametrize(("progress", "weight"), [(0.0, 0.0), (0.1, 0.5), (0.2, 1.0), (0.9, 1.0)])
def test_the_divergence_counts_more_and_more_beyond_its_free_bits(task, progress, weight):
    mask = torch.ones(5, 2, dtype=torch.bool)
    mask[3:, 1] = False
    nats = torch.full((5, 2, 3), 0.5) * mask[..., None]
    kl = torch.tensor([[0.0, 1.0, 0.2, 0.1] + 4 * [1.0], [0.1, 3.0, 0.2, 0.5] + 4 * [1.0]])
    loss = task.objective(Losses(nats, kl, torch.zeros(2, 32)), mask, progress)
    # Means by dimension .05, 2, .2, .3 and four times 1: two lie below the free quarter.
    divergence = 2 * (0.25 + 2 + 0.25 + 0.3 + 4)
    assert float(loss) == pytest.approx((8 * 1.5 + weight * divergence) / 8)


@pytest.mark.parametrize(
    ("progress", "rate"), [(0.0, 0.0), (0.01, 0.5199), (0.5, 0.505), (1.0, 0.01)]
)
def test_the_learning_rate_rises_and_falls(progress, rate):
    plan = MelodyPlan()
    share = plan.rate_at(progress, progress * plan.epochs) / plan.rate
    assert share == pytest.approx(rate, abs=2e-4)


def wrong(run, capsys, *options, **settings):
    """The line that a run with these options ends in."""
    assert run("wrong", *options, **settings) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"error: [^\n]+\n", err)
    return err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--epochs", "0"), ("--rows", "0"), ("--length", "-1"), ("--rate", "0"),
        ("--rate", "nan"), ("--annealing", "0"), ("--word-dropout", "1.5"), ("--balance", "-1"),
        ("--patience", "0"), ("--seed", "-1"), ("--hidden", "0"), ("--depth", "0"),
    ],
)  # fmt: skip
def test_a_value_out_of_range_is_named(run, capsys, option, value):
    line = wrong(run, capsys, option, value)
    assert line.startswith(f"error: {option} {value}")


def test_a_corpus_that_is_not_there_is_named(run, capsys, tmp_path):
    assert "there is no" in wrong(run, capsys, corpus=f"even={tmp_path / 'none.npz'}")
    assert "STYLE=PATH" in wrong(run, capsys, corpus="tunes")


def test_a_folder_that_can_not_be_made_is_named(run, capsys, tmp_path):
    (tmp_path / "wrong").write_text("a file")
    assert "--out" in wrong(run, capsys)


def test_only_a_run_that_was_begun_is_resumed(run, capsys):
    assert "last.npz" in wrong(run, capsys, "--resume")


def test_a_run_is_resumed_with_its_own_options(run, capsys):
    assert run("wrong", "--epochs", "1", "--model", "lm") == 0
    capsys.readouterr()
    assert "options that it was started with" in wrong(run, capsys, "--model", "vae", "--resume")
    assert "options that it was started with" in wrong(run, capsys, "--hidden", "20", "--resume")


def test_a_corpus_too_small_to_validate_on_validates_on_its_training_set(melodies):
    training = [m for m in melodies if split_of(m) == "train"]
    assert train_and_valid(training) == (training, training)
    valid = [m for m in melodies if split_of(m) == "valid"]
    assert train_and_valid(melodies) == (training, valid)
    with pytest.raises(CorpusError, match=r"^0 of \d+ melodies fall into the training set"):
        train_and_valid(valid)


def test_the_default_plan_is_in_range_and_a_wrong_one_is_not():
    assert MelodyPlan().epochs == 26
    with pytest.raises(SettingsError, match=r"^--word-dropout 2: must lie within 0 and 1$"):
        MelodyPlan(word_dropout=2)


def test_two_processes_train_one_model(run, archive, tmp_path, monkeypatch, capsys):
    """One of them is ours: it has PyTorch loaded. They are told of each other as torchrun does."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    for name, value in {
        "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": "", "RANK": "0", "LOCAL_RANK": "0",
        "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    command = (
        sys.executable, "-m", "export.melody.train", "--corpus", f"even={archive}",
        "--out", str(tmp_path / "x"), *SIZES, "--epochs", "1",
    )  # fmt: skip
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    second = os.environ | {"RANK": "1", "LOCAL_RANK": "1"}
    with subprocess.Popen(command, cwd=ROOT, env=second, **pipes) as other:
        try:
            assert run("x", "--epochs", "1") == 0
            told, error = other.communicate()
        finally:
            other.kill()
    assert (other.returncode, told) == (0, ""), error
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["epoch"] == 1
    assert sorted(p.name for p in (tmp_path / "x").iterdir()) == ["best.npz", "last.npz", "logs"]
    # A model wrapped for several processes is kept under its own names.
    assert checkpoint.load(tmp_path / "x" / "best.npz").kind == "vrash"
