"""Companions are trained, exported, and are then the trained model."""

import json

import numpy as np
import pytest

from export.companions import roles, to_voice, train
from stream.compose.companions.companion import Companion
from stream.voices.spec import read_spec
from tests.export.companions.toy_role import ROLE
from tests.stream.compose.companions.toy import ToyKind


@pytest.fixture
def toy(monkeypatch):
    for module in (roles, train, to_voice):
        monkeypatch.setattr(module, "ROLES", {"drums": ROLE})


def test_a_companion_is_trained_exported_and_loaded(toy, tmp_path, capsys):
    out, voice = tmp_path / "run", tmp_path / "drums.onnx"
    sizes = ["--hidden", "8", "--head-width", "8", "--epochs", "12", "--rows", "4"]
    where = ["--corpora", str(tmp_path)]
    assert train.main(["drums", *where, "--out", str(out), *sizes]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[-1]["valid_bits"] < lines[0]["valid_bits"] - 0.2
    credits_file = tmp_path / "CREDITS.md"
    credits_file.write_text("- Nobody's data.\n")
    made = to_voice.main(
        [str(out / "best.npz"), str(voice), *where, "--credits", str(credits_file)]
    )
    report = json.loads(capsys.readouterr().out)
    assert (made, report["passed"], report["same_tokens"]) == (0, True, report["tokens"])
    spec = read_spec(voice)
    assert (spec.kind, spec.context, spec.tags) == ("drums", 2, ROLE.tags)
    assert Companion(voice, ToyKind(), "drums").step.spec == spec


def test_a_resumed_training_goes_on(toy, tmp_path, capsys):
    arguments = ["drums", "--corpora", str(tmp_path), "--out", str(tmp_path / "run")]
    sizes = ["--hidden", "8", "--head-width", "8", "--rows", "4"]
    assert train.main([*arguments, *sizes, "--epochs", "2"]) == 0
    assert train.main([*arguments, *sizes, "--epochs", "3", "--resume"]) == 0
    epochs = [json.loads(line)["epoch"] for line in capsys.readouterr().out.splitlines()]
    assert epochs == [1, 2, 3]
    assert np.load(tmp_path / "run" / "last.npz")["header"]
