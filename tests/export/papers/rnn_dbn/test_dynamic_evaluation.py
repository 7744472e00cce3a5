import json

import pytest
import torch

from export.models.polyphony.family import build
from export.models.polyphony.note_list import NoteListConfig
from export.papers.rnn_dbn import dynamic_evaluation
from export.rolls import evaluate
from export.training import checkpoint
from export.training.checkpoint import Checkpoint
from export.training.kinds import FRAMES


@pytest.fixture
def saved(tmp_path):
    torch.manual_seed(1)
    config = NoteListConfig(("tiny",), hidden=8, head=8, features=4, reach=4)
    weights = build("note-list", config).state_dict()
    state = Checkpoint("note-list", config, weights, {}, {"epochs": 1})
    checkpoint.save(tmp_path / "best.npz", state)
    return tmp_path / "best.npz"


def test_adaptation_helps_within_a_piece_and_is_undone_after_it(saved, pieces):
    model = checkpoint.load_model(saved, FRAMES)[1]
    plain = evaluate.nats_per_frame(model, pieces, model.log_likelihood)
    still = dynamic_evaluation.nats_per_frame(model, pieces, rate=0.0, length=4)
    assert still == pytest.approx(plain, abs=1e-4)
    assert dynamic_evaluation.nats_per_frame(model, pieces, rate=0.3, length=4) > plain + 1
    first, again = (
        dynamic_evaluation.nats_per_frame(model, p, rate=0.3, length=4) for p in (pieces[:1],) * 2
    )
    assert first == again
    assert evaluate.nats_per_frame(model, pieces, model.log_likelihood) == plain


def test_a_line_for_each_set(saved, archive, capsys, pieces):
    assert dynamic_evaluation.main([str(saved), "--set", f"tiny={archive}", "--rate", "0.1"]) == 0
    model = checkpoint.load_model(saved, FRAMES)[1]
    nats = dynamic_evaluation.nats_per_frame(model, pieces[10:], rate=0.1, length=16)
    assert json.loads(capsys.readouterr().out) == {
        "model": "note-list", "set": "tiny", "split": "test",
        "measure": "log_likelihood_exact_adapted", "nats": round(nats, 4), "rate": 0.1,
        "length": 16,
    }  # fmt: skip


def test_an_unreadable_file_is_named_in_one_line(tmp_path, capsys):
    assert dynamic_evaluation.main([str(tmp_path / "no.npz"), "--set", "x=y.npz"]) == 2
    assert "no.npz: no readable checkpoint" in capsys.readouterr().err
