import json

import numpy as np
import pytest
import torch

from export.models.polyphony.family import build
from export.models.polyphony.frame_model import FrameConfig, FrameModel
from export.models.polyphony.note_list import NoteListConfig
from export.rolls import evaluate
from export.training import checkpoint
from export.training.checkpoint import Checkpoint
from export.training.kinds import FRAMES


class Chance(FrameModel):
    """Every key sounds or not with the same probability; counts frames in its state."""

    def __init__(self):
        super().__init__(FrameConfig(("tiny",)), 1)
        self.unused = torch.nn.Parameter(torch.zeros(1))

    def monitor(self, v, mask, state):
        nats = torch.full(mask.shape, -88 * np.log(2))
        return nats, state + mask.sum(0)[:, None]


def position(v, mask, state):
    """Stands in for a measure: the number of the frame in its piece."""
    return state[:, 0] + torch.cumsum(mask, 0), state + mask.sum(0)[:, None]


def test_chance_is_88_times_half(pieces):
    model = Chance()
    figure = evaluate.nats_per_frame(model, pieces, model.monitor)
    assert figure == pytest.approx(-60.997, abs=1e-3)


def test_each_piece_has_its_own_state(pieces, monkeypatch):
    monkeypatch.setattr(evaluate, "LENGTH", 4)
    monkeypatch.setattr(evaluate, "ROWS", 5)
    sums, frames = evaluate.by_piece(Chance(), pieces, position)
    assert frames.tolist() == [len(roll) for roll in pieces]
    assert sums.tolist() == [n * (n + 1) / 2 for n in frames.tolist()]


@pytest.fixture
def saved(tmp_path):
    torch.manual_seed(1)
    config = NoteListConfig(("tiny",), hidden=8, head=8, features=4, reach=8)
    weights = build("note-list", config).state_dict()
    checkpoint.save(
        tmp_path / "best.npz", Checkpoint("note-list", config, weights, {}, {"epochs": 1})
    )
    return tmp_path / "best.npz"


def test_a_line_for_each_set(saved, archive, capsys, pieces):
    sets = ("--set", f"tiny={archive}", "--set", f"other={archive}")
    assert evaluate.main([str(saved), *sets, "--split", "train"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["set"] for line in lines] == ["tiny", "other"]
    model = checkpoint.load_model(saved, FRAMES)[1]
    nats = evaluate.nats_per_frame(model, pieces[:8], model.log_likelihood)
    assert lines[0] | {"parameters": 0} == {
        "model": "note-list", "set": "tiny", "split": "train", "measure": "log_likelihood_exact",
        "nats": round(nats, 4), "frames": sum(map(len, pieces[:8])), "epochs": 1, "parameters": 0,
    }  # fmt: skip


def test_what_can_not_be_read_is_one_line(saved, tmp_path, capsys):
    assert evaluate.main([str(saved), "--set", f"none={tmp_path / 'none.npz'}"]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert evaluate.main([str(tmp_path / "no.npz"), "--set", "x=y.npz"]) == 2
    assert "no.npz: no readable checkpoint" in capsys.readouterr().err
