import dataclasses
import json
import zipfile

import numpy as np
import pytest
import torch

from export.models.polyphony import family as frame_family
from export.models.polyphony.note_list import NoteListConfig
from export.training import checkpoint
from export.training.checkpoint import Checkpoint
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
    progress = {"epochs": 3, "best": float("inf"), "plan": {"rate": 0.1 + 0.2}}
    state = checkpoint.optimiser_state(optimiser)
    return Checkpoint("vrash", model.config, model.state_dict(), state, progress)


@pytest.fixture
def path(tmp_path, trained):
    checkpoint.save(tmp_path / "last.npz", trained)
    return tmp_path / "last.npz"


def equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def test_a_checkpoint_comes_back_as_it_was(path, trained):
    loaded = checkpoint.load(path)
    assert (loaded.family, loaded.config) == (trained.family, trained.config)
    assert loaded.progress == trained.progress
    assert equal(loaded.weights, trained.weights)
    assert equal(loaded.optimiser, trained.optimiser)
    assert [p.name for p in path.parent.iterdir()] == ["last.npz"]


def test_an_optimiser_goes_on_as_if_never_stopped(trained, path, make_model):
    loaded = checkpoint.load(path)
    after = []
    for state in (trained, loaded):
        model = make_model("vrash")
        model.load_state_dict(state.weights)
        optimiser = torch.optim.AdamW(model.parameters(), lr=0.01)
        checkpoint.restore_optimiser(optimiser, state.optimiser)
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
    family, model, progress = checkpoint.load_model(path)
    assert family == "vrash"
    assert not model.training
    assert progress["epochs"] == 3
    assert equal(model.state_dict(), trained.weights)


def test_cell_and_history_come_back(tmp_path, make_model, cell, history):
    model = make_model("vrash", cell=cell, history=history)
    saved = Checkpoint("vrash", model.config, model.state_dict(), {}, {"epochs": 1})
    checkpoint.save(tmp_path / "best.npz", saved)
    loaded = checkpoint.load_model(tmp_path / "best.npz")[1]
    assert loaded.config == model.config
    assert (loaded.config.cell, loaded.config.history) == (cell, history)
    assert equal(loaded.state_dict(), model.state_dict())


def test_a_header_older_than_cells_and_histories_is_the_papers(path, trained):
    with np.load(path) as archive:
        config = json.loads(str(archive["header"]))["config"]
    del config["cell"], config["history"]
    header_of(config=config)(path)
    loaded = checkpoint.load_model(path)[1]
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
        header_is_a_list, header_of(format=2), header_of(config={"styles": []}),
        header_of(config={}), header_of(config={"styles": ["a"], "cell": "gru"}),
        header_of(family="gru"), without_a_weight,
    ],
)  # fmt: skip
def test_a_damaged_checkpoint_is_named_in_one_line(path, damage):
    damage(path)
    with pytest.raises(CorpusError, match=rf"^{path}: [^\n]+$"):
        checkpoint.load_model(path)


def broken(weights, value):
    name = next(name for name, weight in weights.items() if weight.numel() > 3)
    return weights | {name: torch.full_like(weights[name], value)}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(path, trained, value):
    weights = broken(trained.weights, value)
    checkpoint.save(path, dataclasses.replace(trained, weights=weights))
    with pytest.raises(CorpusError, match=rf"^{path}: \S+ holds numbers that are not finite"):
        checkpoint.load_model(path)


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
    family, model, progress = checkpoint.load_frame_model(path)
    assert (family, model.config, progress) == ("note-list", saved.config, {"epochs": 2})
    assert equal(model.state_dict(), saved.weights)
    assert equal(checkpoint.load(path).average, saved.average)


def test_melodies_and_frames_are_not_mistaken(path, frames):
    with pytest.raises(CorpusError, match="holds a model note-list; needed is one of lm, vae"):
        checkpoint.load_model(frames[0])
    with pytest.raises(CorpusError, match="holds a model vrash; needed is one of"):
        checkpoint.load_frame_model(path)


def test_best_holds_no_optimiser(tmp_path, trained):
    checkpoint.save(tmp_path / "best.npz", dataclasses.replace(trained, optimiser={}))
    assert checkpoint.load(tmp_path / "best.npz").optimiser == {}
