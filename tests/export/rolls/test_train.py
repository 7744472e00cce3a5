import json
import re
from itertools import combinations

import pytest
import torch

from export.corpus.rolls import read_rolls
from export.rolls import evaluate, train
from export.rolls.evaluate import nats_per_frame
from export.training import checkpoint
from export.training.kinds import FRAMES
from export.training.plan import FramePlan
from stream.errors import SettingsError
from tests.export.interrupting import assert_alike, cut_short, same, without_time

SIZES = (
    "--hidden",
    "8",
    "--head",
    "8",
    "--features",
    "4",
    "--reach",
    "8",
    "--rows",
    "4",
    "--length",
    "8",
    "--rate",
    "0.02",
)


@pytest.fixture
def run(archive, tmp_path, capsys):
    """Train on the tiny set into a folder of that name; the exit code and the lines."""

    def run(folder, *options, source=f"tiny={archive}"):
        out = ("--out", str(tmp_path / folder))
        code = train.main(["--model", "note-list", "--set", source, *out, *SIZES, *options])
        printed = capsys.readouterr()
        if code:
            return code, printed.err
        return code, [json.loads(line) for line in printed.out.splitlines()]

    return run


def weights(folder, name="last"):
    return checkpoint.load(folder / f"{name}.npz").weights


def test_a_model_learns(run):
    code, lines = run("x", "--epochs", "12", "--dropout", "0")
    assert code == 0
    assert [line["epoch"] for line in lines] == list(range(1, 13))
    assert lines[0]["best"] < -8
    assert lines[-1]["best"] > -6


def test_the_best_epoch_is_kept_and_evaluates_to_its_figure(run, tmp_path, archive):
    for folder, average in (("plain", "0"), ("averaged", "0.9")):
        run(folder, "--epochs", "3", "--average", average)
        best, last = (checkpoint.load(tmp_path / folder / f"{n}.npz") for n in ("best", "last"))
        assert best.optimizer == best.average == {}
        assert best.progress["best"] == last.progress["best"]
        found, model = checkpoint.load_model(tmp_path / folder / "best.npz", FRAMES)
        valid = read_rolls(archive, "tiny").valid
        assert nats_per_frame(model, valid, model.log_likelihood) == found.progress["best"]
        # What is averaged is kept apart from what is trained.
        assert bool(last.average) == (average != "0")
        assert same(last.weights, best.weights) == (average == "0")
        assert sorted(p.name for p in (tmp_path / folder).iterdir()) == ["best.npz", "last.npz"]


def test_the_seed_decides_the_weights(run, tmp_path):
    for folder, seed in (("a", "5"), ("b", "5"), ("c", "6")):
        run(folder, "--epochs", "1", "--seed", seed, "--transpose", "5")
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))
    assert not same(weights(tmp_path / "a"), weights(tmp_path / "c"))


def test_pieces_are_transposed_until_the_plan_settles(run, monkeypatch):
    moves = []

    def spied(pieces, rng, transpose):
        moves.append(transpose)
        return shuffled(pieces, rng, transpose)

    shuffled = train.shuffled
    monkeypatch.setattr(train, "shuffled", spied)
    run("x", "--epochs", "5", "--transpose", "3", "--settling", "0.4")
    assert moves == [3, 3, 3, 0, 0]


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_an_interrupted_run_goes_on_as_if_it_had_not_been(run, tmp_path, monkeypatch, optimiser):
    options = ("--epochs", "4", "--average", "0.9", "--optimiser", optimiser)
    run("whole", *options)

    cut_short(monkeypatch, train.Trainer, lambda: run("broken", *options))
    assert checkpoint.load(tmp_path / "broken" / "last.npz").progress["epochs"] == 2
    assert run("broken", *options, "--resume")[0] == 0
    for one, other in assert_alike(tmp_path / "whole", tmp_path / "broken").values():
        assert without_time(one) == without_time(other)


def test_a_run_that_no_longer_improves_stops(run, tmp_path, monkeypatch):
    figures = iter([-4.0, -3.0, -3.5, -3.1, -2.0])
    monkeypatch.setattr(evaluate, "nats_per_frame", lambda *_: next(figures))
    options = ("--epochs", "9", "--patience", "2")
    lines = run("x", *options)[1]
    assert [line["best"] for line in lines] == [-4.0, -3.0, -3.0, -3.0]
    assert checkpoint.load(tmp_path / "x" / "best.npz").progress["epochs"] == 2
    # What has stopped stays so.
    assert run("x", *options, "--resume") == (0, [])


def test_validation_may_be_rarer(run, tmp_path):
    lines = run("x", "--epochs", "5", "--every", "2")[1]
    assert [bool(line.get("valid")) for line in lines] == [False, True, False, True, True]
    assert lines[0]["best"] is None
    assert checkpoint.load(tmp_path / "x" / "best.npz").progress["epochs"] in {2, 4, 5}


def test_the_optimiser_and_its_options_count(run, tmp_path):
    plans = {
        "adam": (), "unclipped": ("--clip", "0"), "nesterov": ("--optimiser", "sgd"),
        "plain": ("--optimiser", "sgd", "--momentum", "0"),
    }  # fmt: skip
    for folder, options in plans.items():
        run(folder, "--epochs", "1", *options)
    found = [weights(tmp_path / folder) for folder in plans]
    assert not any(same(a, b) for a, b in combinations(found, 2))


def test_a_run_ends_with_its_minutes(run):
    assert len(run("x", "--minutes", "1e-9")[1]) == 1


def test_another_runs_weights_are_gone_on_from(run, tmp_path):
    run("x", "--epochs", "8", "--dropout", "0")
    begin = ("--begin-with", str(tmp_path / "x" / "best.npz"))
    (line,) = run("y", "--epochs", "1", *begin)[1]
    assert line["best"] > -6.5
    code, message = run("z", *begin, "--hidden", "9")
    assert code == 2
    assert re.fullmatch(r"error: --begin-with: its weights do not fit [^\n]+\n", message)


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--epochs", "0"), ("--minutes", "-1"), ("--rows", "0"), ("--length", "0"),
        ("--rate", "nan"), ("--decay", "2"), ("--average", "1"), ("--transpose", "12"),
        ("--settling", "2"),
        ("--patience", "0"), ("--momentum", "1"), ("--clip", "-1"), ("--every", "0"),
        ("--seed", "-1"),
    ],
)  # fmt: skip
def test_a_plan_out_of_range_is_named(run, option, value):
    code, message = run("x", option, value)
    assert code == 2
    assert re.fullmatch(rf"error: {option} [^\n]+: must lie within [^\n]+\n", message)


def test_mistakes_are_one_line(run, tmp_path):
    assert "readable archive" in run("x", source=f"x={tmp_path / 'none.npz'}")[1]
    assert "NAME=PATH" in run("x", source="x")[1]
    assert "last.npz" in run("x", "--resume")[1]
    (tmp_path / "file").write_text("a file")
    assert "--out" in run("file")[1]
    run("begun", "--epochs", "1")
    assert "options that it was started with" in run("begun", "--hidden", "9", "--resume")[1]


def blow_up(parameters):
    with torch.no_grad():
        for weight in parameters:
            weight.mul_(float("inf"))


def test_a_loss_that_is_no_number_stops_the_run(run, tmp_path, monkeypatch):
    monkeypatch.setattr(
        train.Trainer, "begin_with", lambda trainer, _: blow_up(trainer.model.parameters())
    )
    run("x", "--epochs", "1")
    code, message = run("y", "--begin-with", str(tmp_path / "x" / "best.npz"))
    assert code == 2
    assert message.startswith("error: --rate 0.02: the loss is no longer a number in epoch 1")


def test_the_default_plan_is_in_range():
    assert FramePlan().epochs == 100
    with pytest.raises(SettingsError, match=r"^--average 1: must lie within 0 and 0\.99999$"):
        FramePlan(average=1)
