import dataclasses
import json
import zipfile

import numpy as np
import pytest
import torch

from export.models.blues.trio import Trio, TrioConfig
from export.models.polyphony import family as frame_family
from export.models.polyphony.note_list import NoteListConfig
from export.models.wave.block_rnn import BlockConfig, BlockRNN
from export.papers.melody_lstm.kinds import NETS
from export.papers.melody_lstm.tune_model import TuneConfig
from export.papers.melody_lstm.tune_train import TunePlan
from export.papers.melody_lstm.window_model import WindowPlan
from export.training import checkpoint
from export.training.checkpoint import Checkpoint
from export.training.kinds import BLOCKS, BLUES, FRAMES, MELODIES
from stream.errors import CorpusError


@pytest.fixture
def trained(make_model):
    """A checkpoint of a model after three steps of its optimiser."""
    model = make_model("vrash")
    optimiser = torch.optim.AdamW(model.parameters(), lr=0.01)
    for _ in range(3):
        optimiser.zero_grad()
        sum((p**2).sum() for p in model.parameters()).backward()
        optimiser.step()
    progress = {"epochs": 3, "best": float("inf")}
    state = checkpoint.optimizer_state(optimiser)
    return Checkpoint(
        "vrash", model.config, model.state_dict(), state, progress, plan={"rate": 0.1 + 0.2},
        corpora=("even=tunes.npz",),
    )  # fmt: skip


@pytest.fixture
def path(tmp_path, trained):
    checkpoint.save(tmp_path / "last.npz", trained)
    return tmp_path / "last.npz"


def equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def test_a_checkpoint_comes_back_as_it_was(path, trained):
    loaded = checkpoint.load(path)
    assert (loaded.kind, loaded.config) == (trained.kind, trained.config)
    assert loaded.progress == trained.progress
    assert (loaded.plan, loaded.corpora) == (trained.plan, trained.corpora)
    assert equal(loaded.weights, trained.weights)
    assert equal(loaded.optimizer, trained.optimizer)
    assert [p.name for p in path.parent.iterdir()] == ["last.npz"]


def test_an_optimiser_goes_on_as_if_never_stopped(trained, path, make_model):
    loaded = checkpoint.load(path)
    after = []
    for state in (trained, loaded):
        model = make_model("vrash")
        model.load_state_dict(state.weights)
        optimiser = torch.optim.AdamW(model.parameters(), lr=0.01)
        checkpoint.restore_optimizer(optimiser, state.optimizer)
        sum((p**3).sum() for p in model.parameters()).backward()
        optimiser.step()
        after.append(model.state_dict())
    assert equal(*after)


def test_a_checkpoint_is_plain_arrays(path):
    with np.load(path, allow_pickle=False) as archive:
        kinds = {archive[name].dtype.kind for name in archive.files}
        header = json.loads(str(archive["header"]))
    assert kinds == {"f", "U"}
    assert header["config"]["styles"] == ["even", "odd"]


def test_load_model_gives_the_model_in_evaluation_mode(path, trained):
    found, model = checkpoint.load_model(path, MELODIES)
    assert found.kind == "vrash"
    assert not model.training
    assert found.progress["epochs"] == 3
    assert equal(model.state_dict(), trained.weights)


def test_cell_and_history_come_back(tmp_path, make_model, cell, history):
    model = make_model("vrash", cell=cell, history=history)
    saved = Checkpoint("vrash", model.config, model.state_dict(), {}, {"epochs": 1})
    checkpoint.save(tmp_path / "best.npz", saved)
    loaded = checkpoint.load_model(tmp_path / "best.npz", MELODIES)[1]
    assert loaded.config == model.config
    assert (loaded.config.cell, loaded.config.history) == (cell, history)
    assert equal(loaded.state_dict(), model.state_dict())


def test_a_header_older_than_cells_and_histories_is_the_papers(path, trained):
    with np.load(path) as archive:
        config = json.loads(str(archive["header"]))["config"]
    del config["cell"], config["history"]
    header_of(config=config)(path)
    loaded = checkpoint.load_model(path, MELODIES)[1]
    assert (loaded.config.cell, loaded.config.history) == ("rhn", "event")
    assert equal(loaded.state_dict(), trained.weights)


def empty(path):
    path.write_bytes(b"")


def missing(path):
    path.unlink()


def text(path):
    path.write_text("no archive")


def bare_array(path):
    with path.open("wb") as file:
        np.save(file, np.zeros(3))


def truncated(path):
    path.write_bytes(path.read_bytes()[:-500])


def flipped(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def other_archive(path):
    np.savez(path, pitch=np.zeros(3))


def header_of(**changes):
    def write(path):
        with np.load(path) as archive:
            arrays = {name: archive[name] for name in archive.files}
        header = json.loads(str(arrays.pop("header"))) | changes
        np.savez(path, header=np.array(json.dumps(header)), **arrays)

    return write


def pickled(path):
    np.savez(path, header=np.array([{"format": 1}], dtype=object))


def header_is_a_list(path):
    np.savez(path, header=np.array("[1]"))


def without_a_weight(path):
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    del members["weight/heads.octave.bias.npy"]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


@pytest.mark.parametrize(
    "damage",
    [
        empty, missing, text, bare_array, truncated, flipped, other_archive, pickled,
        header_is_a_list, header_of(format=3), header_of(config={"styles": []}),
        header_of(config={}), header_of(config={"styles": ["a"], "cell": "gru"}),
        header_of(kind="gru"), without_a_weight,
    ],
)  # fmt: skip
def test_a_damaged_checkpoint_is_named_in_one_line(path, damage):
    damage(path)
    with pytest.raises(CorpusError, match=rf"^{path}: [^\n]+$"):
        checkpoint.load_model(path, MELODIES)


def broken(weights, value):
    name = next(name for name, weight in weights.items() if weight.numel() > 3)
    return weights | {name: torch.full_like(weights[name], value)}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(path, trained, value):
    weights = broken(trained.weights, value)
    checkpoint.save(path, dataclasses.replace(trained, weights=weights))
    with pytest.raises(CorpusError, match=rf"^{path}: \S+ holds numbers that are not finite"):
        checkpoint.load_model(path, MELODIES)


@pytest.fixture
def frames(tmp_path):
    config = NoteListConfig(("jsb", "piano"), hidden=8, head=8, features=4, reach=8)
    model = frame_family.build("note-list", config)
    weights = model.state_dict()
    average = {name: weight / 2 for name, weight in weights.items()}
    saved = Checkpoint("note-list", config, weights, {}, {"epochs": 2}, average)
    checkpoint.save(tmp_path / "frames.npz", saved)
    return tmp_path / "frames.npz", saved


def test_a_model_of_frames_comes_back(frames):
    path, saved = frames
    found, model = checkpoint.load_model(path, FRAMES)
    assert (found.kind, model.config) == ("note-list", saved.config)
    assert found.progress == {"epochs": 2}
    assert equal(model.state_dict(), saved.weights)
    assert equal(checkpoint.load(path).average, saved.average)


def test_melodies_and_frames_are_not_mistaken(path, frames):
    with pytest.raises(CorpusError, match="a model note-list; needed is one of lm, vae"):
        checkpoint.load_model(frames[0], MELODIES)
    with pytest.raises(CorpusError, match="a model vrash; needed is one of"):
        checkpoint.load_model(path, FRAMES)


def test_best_holds_no_optimiser(tmp_path, trained):
    checkpoint.save(tmp_path / "best.npz", dataclasses.replace(trained, optimizer={}))
    assert checkpoint.load(tmp_path / "best.npz").optimizer == {}


def older(path, header, arrays):
    """Write an archive by hand, as older programs did."""
    np.savez(path, header=np.array(json.dumps(header)), **arrays)
    return path


def arrays_of(model, prefix=""):
    return {prefix + name: value.numpy() for name, value in model.state_dict().items()}


def test_the_older_layout_of_models_of_notes_is_read(tmp_path, make_model):
    model = make_model("lm")
    header = {
        "format": 1, "family": "lm", "config": dataclasses.asdict(model.config),
        "progress": {"epochs": 4, "plan": {"epochs": 9}},
    }  # fmt: skip
    moments = {"optimiser/0/step": np.array(7.0), "average/x": np.ones(2)}
    path = older(tmp_path / "old.npz", header, arrays_of(model, "weight/") | moments)
    found, again = checkpoint.load_model(path, MELODIES)
    assert equal(again.state_dict(), model.state_dict())
    assert (found.kind, found.config) == ("lm", model.config)
    assert (found.progress, found.plan) == ({"epochs": 4}, {"epochs": 9})
    assert (list(found.optimizer), list(found.average)) == (["0/step"], ["x"])


def test_the_older_layout_of_models_of_sound_is_read(tmp_path):
    model = BlockRNN(BlockConfig(rate=800, hop=200, fade=20, hidden=6))
    header = {
        "format": 1, "family": "block", "config": dataclasses.asdict(model.config),
        "facts": {"dev": 0.5, "seconds": 3.0},
    }  # fmt: skip
    found, again = checkpoint.load_model(
        older(tmp_path / "old.npz", header, arrays_of(model)), BLOCKS
    )
    assert equal(again.state_dict(), model.state_dict())
    assert found.progress["best"] == 0.5


def test_the_older_layout_of_the_blues_is_read(tmp_path):
    model = Trio(TrioConfig(clock=6, lines=10, embedding=8))
    header = {"config": dataclasses.asdict(model.config), "progress": {"epochs": 3}}
    found, again = checkpoint.load_model(
        older(tmp_path / "old.npz", header, arrays_of(model)), BLUES
    )
    assert equal(again.state_dict(), model.state_dict())
    assert (found.kind, found.progress) == ("trio", {"epochs": 3})


@pytest.mark.parametrize("kind", ["window", "tune"])
def test_the_older_layout_of_the_melody_lstm_is_read(tmp_path, kind):
    if kind == "window":
        config = WindowPlan(hidden=8, embedding=4)
        plan = dataclasses.asdict(config)
    else:
        config = TuneConfig(hidden=8)
        plan = dataclasses.asdict(TunePlan(config=config))
    model = NETS[kind].build(config)
    header = {"plan": plan, "curve": [2.0, 1.5], "seconds": 3.0}
    path = older(tmp_path / "old.npz", header, arrays_of(model, "weight/"))
    found, again = checkpoint.load_model(path, NETS)
    assert equal(again.state_dict(), model.state_dict())
    assert (found.kind, found.config, found.plan) == (kind, config, plan)
    assert found.progress == {"curve": [2.0, 1.5], "seconds": 3.0}
