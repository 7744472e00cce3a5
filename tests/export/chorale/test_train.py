import json

import numpy as np
import pytest

from export.chorale import train as train_chorale
from export.corpus.satb import SPLITS
from export.models.polyphony.chorale import ChoraleConfig
from export.training.checkpoint import load_model
from export.training.kinds import CHORALES
from export.training.trainer import Trainer
from stream.errors import SettingsError
from tests.export.interrupting import assert_alike, cut_short, without_time
from tests.export.rolls.conftest import CHORALE_SIZES


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("hidden", 0, "--hidden 0: must be 1 or more"),
        ("dropout", 1.0, "--dropout 1.0: must be at least 0, below 1"),
        ("cell", "gru", "--cell gru: must be one of lstm, mingru"),
        ("order", "SATT", "--order SATT: must name S, A, T and B once each"),
    ],
)
def test_sizes_that_can_not_be_are_refused(field, value, message):
    with pytest.raises(SettingsError) as caught:
        ChoraleConfig(**{field: value})
    assert str(caught.value) == message


@pytest.fixture
def satb(tmp_path, chorales):
    arrays = {}
    for split, part in zip(SPLITS, (chorales[:4], chorales[4:5], chorales[5:]), strict=True):
        score = np.concatenate(part)
        arrays[f"{split}_satb"] = np.where(score == 0, -1, score + 27).astype(np.int8)
        arrays[f"{split}_lengths"] = np.array([len(c) for c in part])
    np.savez(tmp_path / "satb.npz", **arrays)
    return tmp_path / "satb.npz"


def train(satb, out, *more):
    sizes = [f"--{k.replace('_', '-')}={v}" for k, v in CHORALE_SIZES.items()]
    return train_chorale.main(
        [f"--satb={satb}", f"--out={out}", "--rows=4", "--length=16", *sizes, *more]
    )


def test_training_resumes_where_it_was_left(satb, tmp_path, capsys, monkeypatch):
    assert train(satb, tmp_path / "whole", "--epochs=3") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["epoch"] for line in lines] == [1, 2, 3]
    assert lines[-1]["valid_nats"] < lines[0]["valid_nats"]
    cut_short(monkeypatch, Trainer, lambda: train(satb, tmp_path / "halves", "--epochs=3"))
    assert train(satb, tmp_path / "halves", "--epochs=3", "--resume") == 0
    rest = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for one, other in assert_alike(tmp_path / "whole", tmp_path / "halves").values():
        assert without_time(one) == without_time(other)
    assert [line["valid_nats"] for line in rest] == [line["valid_nats"] for line in lines]
    found, model = load_model(tmp_path / "whole" / "best.npz", CHORALES)
    assert (found.kind, found.progress["epochs"]) == ("chorale", 3)
    assert model.config == ChoraleConfig(**CHORALE_SIZES)


def test_mistakes_end_with_one_line(satb, tmp_path, capsys):
    assert train(tmp_path / "none.npz", tmp_path / "a") == 2
    assert train(satb, tmp_path / "a", "--epochs=0") == 2
    assert train(satb, tmp_path / "a", "--epochs=1") == 0
    assert train(satb, tmp_path / "a", "--epochs=2", "--resume", "--order=BASS") == 2
    assert train(satb, tmp_path / "a", "--epochs=2", "--resume", "--order=BATS") == 2
    errors = capsys.readouterr().err.splitlines()
    assert [e.startswith("error: ") for e in errors] == [True] * 4


def test_an_output_folder_that_can_not_be(satb, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert train(satb, tmp_path / "file" / "x") == 2
    assert "cannot be made" in capsys.readouterr().err
