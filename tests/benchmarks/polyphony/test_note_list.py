"""The study of the note-list, and its evaluator, on tiny sets."""

import json

import numpy as np
import pytest
import torch

from benchmarks.polyphony import evaluator, note_list
from benchmarks.polyphony.lists import designs, runs
from benchmarks.polyphony.lists.records import chosen
from benchmarks.polyphony.lists.runs import digest, repeated, scores
from export.corpus.rolls import read_rolls
from export.models.polyphony.note_list import NoteList, NoteListConfig
from export.rolls.evaluate import nats_per_frame
from export.training import checkpoint
from export.training.checkpoint import Checkpoint

TINY = {"features": 4, "hidden": 8, "head": 8, "reach": 20}


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def archive(tmp_path):
    """Pieces of unequal length whose frames often stay."""
    path, rng, arrays = tmp_path / "tiny.npz", np.random.default_rng(1), {}
    for split in ("train", "valid", "test"):
        frames = np.repeat(rng.random((30, 88)) < 0.03, 2, axis=0)
        arrays[f"{split}_roll"] = np.packbits(frames, axis=1)
        arrays[f"{split}_lengths"] = np.array([7, 20, 33])
    np.savez(path, **arrays)
    return path


@pytest.fixture
def model():
    torch.manual_seed(1)
    return NoteList(NoteListConfig(("jsb",), **TINY)).eval()


def test_scores_are_those_of_the_evaluation_split_by_piece(archive, model):
    rolls = read_rolls(archive, "jsb").test
    found = scores(model, rolls, 0)
    assert found.mean == pytest.approx(nats_per_frame(model, rolls, model.log_likelihood))
    assert found.frames.tolist() == [7, 20, 33]
    same = [int((roll[1:] == roll[:-1]).all(1).sum()) for roll in rolls]
    assert found.repeated.tolist() == same
    whole = found.on_repeated * found.repeated.sum()
    whole += found.on_new * (found.frames.sum() - found.repeated.sum())
    assert whole == pytest.approx(found.nats.sum())


def test_the_first_frame_of_a_piece_is_never_repeated():
    v = torch.zeros(2, 2, 88)
    found = repeated(v, torch.tensor([True, False]), torch.zeros(2, 88))
    assert found.tolist() == [[False, True], [True, True]]


def test_the_design_is_chosen_by_validation_on_common_seeds():
    def facts(*nats):
        split = {"frames": [1.0], "repeated": [0.0], "repeated_nats": [0.0]}
        return [{"valid": {**split, "nats": [n]}, "test": {**split, "nats": [0.0]}} for n in nats]

    found = {("jsb", "clock"): facts(-4.0), ("jsb", "plain"): facts(-3.9, -9.0)}
    assert chosen(found, "jsb") == "plain"


@pytest.fixture
def tiny(monkeypatch):
    recipe = designs.Recipe(TINY, {"rows": 2, "rate": 1e-3, "epochs": 1, "transpose": 2})
    monkeypatch.setattr(designs, "RECIPES", {"jsb": recipe})
    seeds = dict.fromkeys(designs.DESIGNS, 1) | {"plain": 2}
    monkeypatch.setattr(note_list, "PLANS", {"recorded": {"jsb": seeds}})


@pytest.mark.usefixtures("tiny")
def test_from_sets_to_the_page(archive, tmp_path, capsys):
    call = (f"--set=jsb={archive}", f"--out={tmp_path / 'runs'}",
            f"--results={tmp_path / 'results'}")  # fmt: skip
    assert note_list.main(call) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    goals = [r for r in printed if (r["paper"] or "").startswith("at least")]
    assert [(r["set"], r["paper"]) for r in goals] == [("jsb/test", "at least -4.2")]
    text = (tmp_path / "results" / "note_list.md").read_text()
    for design in designs.DESIGNS.values():
        assert f"| {design.title} |" in text
    best = tmp_path / "runs" / "jsb" / "plain-2" / "best.npz"
    assert f"`{digest(best)}`" in text
    assert "-4.2: **missed**" in text
    assert "- JSB: note-list with the clock (1 of 5 seeds); note-list (2 of 5 seeds)." in text
    assert "- Piano-midi.de: all of it." in text


def test_a_set_without_a_plan_is_named(archive, capsys):
    assert note_list.main([f"--set=other={archive}"]) == 2
    assert "--set other: must be among" in capsys.readouterr().err


def test_an_interrupted_training_goes_on(archive, tmp_path, monkeypatch):
    found = read_rolls(archive, "jsb")
    recipe = designs.Recipe(TINY, {"rows": 2, "epochs": 2})
    monkeypatch.setattr(designs, "RECIPES", {"jsb": recipe})
    whole = runs.trained(tmp_path / "whole", designs.DESIGNS["plain"], found, 1)
    epoch = runs.Trainer._epoch

    def stopped(trainer):
        if trainer.epochs_done == 1:
            raise KeyboardInterrupt
        return epoch(trainer)

    with monkeypatch.context() as patch:
        patch.setattr(runs.Trainer, "_epoch", stopped)
        with pytest.raises(KeyboardInterrupt):
            runs.trained(tmp_path / "parts", designs.DESIGNS["plain"], found, 1)
    parts = runs.trained(tmp_path / "parts", designs.DESIGNS["plain"], found, 1)
    first, second = (checkpoint.load(path).weights for path in (whole, parts))
    assert all(torch.equal(first[name], second[name]) for name in first)


def test_the_evaluator_checks_a_checkpoint(archive, model, tmp_path, capsys):
    path = tmp_path / "best.npz"
    progress = {"epochs": 1, "best": 0.0}
    checkpoint.save(
        path, Checkpoint("note-list", model.config, model.state_dict(), progress=progress)
    )
    assert evaluator.main(["--checkpoint", str(path), "--set", "jsb", str(archive)]) == 0
    line = json.loads(capsys.readouterr().out)
    rolls = read_rolls(archive, "jsb").test
    exact = nats_per_frame(model, rolls, model.log_likelihood)
    assert line["nats"] == pytest.approx(exact, abs=1e-4)
    assert line["interval"][0] <= line["nats"] <= line["interval"][1]
    assert (line["checkpoint"], line["data"]) == (digest(path), digest(archive))
    assert line["future"] < 1e-4


def test_a_checkpoint_that_is_none_is_named(archive, tmp_path, capsys):
    path = tmp_path / "no.npz"
    path.write_bytes(b"no archive")
    assert evaluator.main(["--checkpoint", str(path), "--set", "jsb", str(archive)]) == 2
    assert "no readable checkpoint" in capsys.readouterr().err
