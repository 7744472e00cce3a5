"""Cells at equal step time, as small as it gets; and which model a voice's state tells of."""

import argparse
import json

import numpy as np
import pytest
import torch

from benchmarks.music import cells
from benchmarks.timing.compose import config_of
from export.corpus.read import load
from export.melody import train
from export.melody.to_voice import spec_of
from export.models.family import build
from export.models.melody_config import MelodyConfig

SYSTEMS = ("rhn-8-1", "mingru-8-1-motif")


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch):
    threads = torch.get_num_threads()
    # The test's own process stays on all its cores.
    monkeypatch.setattr("os.sched_setaffinity", lambda *_: None)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def corpus(tmp_path):
    """Forty-five tunes of forty-eight eighths, a wandering line."""
    pitch = 60 + np.random.default_rng(1).integers(-2, 3, (45, 48)).cumsum(1).clip(-9, 11)
    np.savez(
        tmp_path / "tunes.npz", pitch=pitch.ravel(), duration=np.full(pitch.size, 24),
        onset=np.tile(24 * np.arange(48), 45), tune_start=48 * np.arange(46),
        variant_group=np.arange(45),
    )  # fmt: skip
    return f"folk={tmp_path / 'tunes.npz'}"


def test_from_corpus_to_page(corpus, tmp_path, monkeypatch, capsys):
    arguments = [f"--corpus={corpus}", f"--runs={tmp_path / 'runs'}", f"--out={tmp_path / 'out'}",
                 "--epochs=1", "--turns=2", "--systems", *SYSTEMS]  # fmt: skip
    monkeypatch.setattr("sys.argv", ["cells", *arguments])
    monkeypatch.setattr(cells, "LEVEL", 100)
    assert cells.main(arguments) == 0
    written = json.loads((tmp_path / "out" / "cells.json").read_bytes())
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == written
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "cells.json", "cells.md", "cells.png", "measured",
    }  # fmt: skip
    found = {(r["system"], r["set"], r["measure"]): r["value"] for r in written}
    assert found["rhn-8-1", "K = 16", "one int8 step / that of rhn-8-1"] == 1
    assert found["all", "plan of training", "epochs"] == 1
    best = min(SYSTEMS, key=lambda name: found[name, "validation set", "causal"])
    gain = found["rhn-8-1", "test set", "causal"] - found[best, "test set", "causal"]
    assert found[best, "test set", "causal, gain on rhn-8-1"] == gain
    assert {m.style for m in load([corpus])[0]} == {"folk"}

    # What is trained is not trained again; what was trained by another plan is not compared.
    trained, main = [], train.main
    monkeypatch.setattr(train, "main", lambda argv: trained.append(argv) or main(argv))
    args = argparse.Namespace(corpus=[corpus], runs=tmp_path / "runs", epochs=2)
    args.systems = SYSTEMS[:1]
    models, (epochs, *_) = cells.models(args)
    assert ([*models], epochs.value, len(trained)) == ([SYSTEMS[0]], 2, 1)
    assert cells.main(arguments) == 2
    assert "trained by different plans" in capsys.readouterr().err
    assert len(trained) == 1


@pytest.mark.parametrize(
    "name", ["gru-8-1", "rhn-8", "rhn-8-x", "rhn-8-1-verse", "rhn-8-1-2-motif", "mingru-8-1-bars"]
)
def test_mistakes_are_named(name, capsys):
    assert cells.main(["--corpus=x=y", "--systems", name]) == 2
    assert capsys.readouterr().err.startswith(f"error: --systems {name}: write CELL-HIDDEN-DEPTH")


@pytest.mark.parametrize(
    ("cell", "hidden", "history"),
    [("rhn", 384, "event"), ("rhn", 384, "motif"), ("mingru", 192, "motif"), ("lstm", 64, "event")],
)
def test_a_voice_describes_its_sizes(cell, hidden, history):
    config = MelodyConfig(("folk",), hidden, cell=cell, history=history)
    assert config_of(spec_of("x", build("vrash", config), {})) == config
