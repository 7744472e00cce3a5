import os

import torch

from benchmarks.polyphony import speed
from export.models.polyphony.family import FAMILIES, build
from export.training import checkpoint
from export.training.checkpoint import Checkpoint


def saved(path, family, **sizes):
    torch.manual_seed(1)
    model = build(family, FAMILIES[family].Config(**sizes))
    checkpoint.save(path, Checkpoint(family, model.config, model.state_dict(), {}, {}))
    return path


def test_models_of_one_shape_share_a_reading(tmp_path, monkeypatch):
    made, cores = [], os.sched_getaffinity(0)

    def pinned(step):
        made.append(step)
        return lambda: len(os.sched_getaffinity(0)) == 1 or 1 / 0

    monkeypatch.setattr(speed, "frame", pinned)
    models = {
        ("rnn", "jsb"): saved(tmp_path / "a.npz", "rnn", recurrent=5, sets=("jsb",)),
        ("rnn", "piano"): saved(tmp_path / "b.npz", "rnn", recurrent=5, sets=("piano",)),
        ("nade", "jsb"): saved(tmp_path / "c.npz", "nade", hidden=5, sets=("jsb",)),
    }
    found = speed.step_times(models, 3)
    assert len(made) == 2
    assert found.keys() == models.keys()
    assert found["rnn", "jsb"] is found["rnn", "piano"]
    assert all(len(r.values) == 3 and min(r.values) > 0 for r in found.values())
    assert os.sched_getaffinity(0) == cores


def test_without_turns_there_are_no_times(tmp_path):
    assert speed.step_times({("rnn", "jsb"): tmp_path / "none.npz"}, 0) == {}


def test_a_frame_is_one_call_of_the_graph(monkeypatch):
    model = build("nade", FAMILIES["nade"].Config(hidden=4))
    step, inputs = speed.step_of(model), []

    class Session:
        def __init__(self, graph):
            assert graph == "graph"

        def run(self, names, given):
            assert names is None
            inputs.append(given)
            return [given[name] for name in step.shape.inputs][: len(step.shape.outputs)]

    monkeypatch.setattr(speed, "traced", lambda step: "graph")
    monkeypatch.setattr(speed, "session", Session)
    again = speed.frame(step)
    assert len(inputs) == speed.LEAD
    again()
    assert len(inputs) == speed.LEAD + 1
    assert inputs[-1].keys() == set(step.shape.inputs)
    assert {value.shape[0] for value in inputs[-1].values() if value.ndim} == {1}
