"""From a folder of tiny sounds to voices that sound."""

import json

import numpy as np
import pytest
import torch

from export.models.wave.block_rnn import BlockConfig, BlockRNN
from export.models.wave.partial_rnn import PartialConfig, PartialRNN
from export.training.checkpoint import load_model
from export.training.kinds import BLOCKS, PARTIALS
from export.wave import audio, parity, to_voice, train_blocks, train_partials
from export.wave.generate import (
    DRAWS,
    PartialStream,
    begin_after,
    block_stream,
    blocks_ahead,
    expected_frames,
    partials_ahead,
)
from export.wave.partials import Grid, analyze
from export.wave.step import PartialStep
from stream.compose.audio.step import AudioStep
from stream.voices.graph_check import check_graph
from stream.voices.spec import read_spec

RATE = 11_025


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three pieces of 11 s: a tone that is struck four times a second."""
    made = tmp_path_factory.mktemp("sound")
    time = np.arange(11 * RATE) / RATE
    for name, pitch in (("a", 220), ("b", 330), ("c", 220)):
        tone = 0.3 * np.sin(2 * np.pi * pitch * time) * np.exp(-6 * (time % 0.25))
        audio.write(made / f"{name}.wav", tone, RATE)
    (made / "credits.md").write_text("- Sines: no data.\n")
    return made


@pytest.fixture(scope="module")
def gruv(folder):
    path = folder / "gruv.npz"
    arguments = [str(folder), "--out", str(path), "--hidden", "8", "--epochs", "2"]
    assert train_blocks.main(arguments) == 0
    return path


@pytest.fixture(scope="module")
def wave(folder):
    path = folder / "wave.npz"
    arguments = [f"struck={folder}", "--out", str(path), "--hidden", "8", "--epochs", "2"]
    assert train_partials.main(arguments) == 0
    return path


@pytest.mark.parametrize("name", ["gruv", "wave"])
def test_a_trained_model_becomes_a_voice_that_is_the_model(name, folder, request, monkeypatch):
    monkeypatch.setattr(parity, "STEPS", 20)
    out = folder / f"{name}.onnx"
    arguments = [str(request.getfixturevalue(name)), str(out), f"struck={folder}"]
    arguments += ["--family", name, "--credits", str(folder / "credits.md")]
    assert to_voice.main([*arguments, "--report", str(folder / f"{name}.json")]) == 0
    check_graph(out, out.read_bytes())
    step = AudioStep(out)
    states, tag = step.initial(), np.ones(1, np.float32)
    for seed in (1, -1, -1):
        noise = np.full(step.spec.noise, 0.5, np.float32)
        states, block = step(states, tag, 1.0, noise, seed)
        assert np.isfinite(block).all()
    assert block.std() > 0
    spec = read_spec(out)
    assert (spec.kind, spec.tags, spec.styles["struck"].seeds) == ("audio", ("set:struck",), (0, 1))
    report = json.loads((folder / f"{name}.json").read_text())
    assert report[0]["value"] <= 1e-4


def test_what_is_expected_does_not_hear_what_is_to_come(wave, gruv, folder):
    samples = audio.read(folder / "c.wav", RATE)[: 3 * RATE]
    other = samples.copy()
    hop = RATE // 4
    other[6 * hop :] = 0.5
    grid = Grid()
    _, model = load_model(wave, PARTIALS)
    one, two = (partials_ahead(model, 0, each, grid, hop) for each in (samples, other))
    # Row r is block r + 1, made of the blocks up to r.
    np.testing.assert_array_equal(one[:6], two[:6])
    assert not np.allclose(one[7], two[7])
    # The paper's blocks reach into the next by their fade: so much later.
    _, block = load_model(gruv, BLOCKS)
    one, two = (blocks_ahead(block, each) for each in (samples, other))
    np.testing.assert_array_equal(one[:5], two[:5])
    assert not np.allclose(one[7], two[7])


def test_the_step_that_is_exported_plays_what_the_stream_plays():
    torch.manual_seed(2)
    grid = Grid()
    model = PartialRNN(PartialConfig(grid.features, ("one", "two"), hidden=12, choices=5)).eval()
    seed = torch.rand(4, grid.features)
    begin = begin_after(model, 1, seed)
    stream = PartialStream(model, 1, begin, 7)
    state, phases = begin[1], torch.rand(1, grid.partials)
    bank = tuple(torch.zeros(1, n) for n in (model.width, grid.features, grid.partials))
    step = PartialStep(model, grid, bank).eval()
    states = (state, seed[-1:], phases)
    generator = torch.Generator().manual_seed(7)
    tag, warm, on = torch.tensor([[0.0, 1.0]]), torch.tensor(1.0), torch.tensor([-1])
    made = []
    for _ in range(20):
        draw = torch.rand(1, 1, generator=generator)
        noise = torch.cat([draw, torch.zeros(1, step.noise - 1)], dim=-1)
        with torch.no_grad():
            *states, _ = step(*states, tag, warm, noise, on)
        made.append(states[1][0])
    torch.testing.assert_close(torch.stack(made), stream.frames(20)[0], atol=1e-5, rtol=0)


def test_levels_never_leave_their_bounds():
    torch.manual_seed(3)
    grid = Grid()
    model = PartialRNN(PartialConfig(grid.features, ("one",), hidden=6, choices=4)).eval()
    with torch.no_grad():
        model.moved.weight.mul_(100)
        model.changes.mul_(100)
    seed = torch.rand(2, analyze(np.zeros(1024), grid).shape[1])
    made = PartialStream(model, 0, begin_after(model, 0, seed), 1).frames(50)
    assert made.min() >= 0
    assert made.max() <= 1


def test_what_is_expected_is_the_mean_amplitude_of_what_is_drawn():
    torch.manual_seed(5)
    model = PartialRNN(PartialConfig(7, ("one",), hidden=6, choices=4)).eval()
    begin = begin_after(model, 0, torch.rand(3, 7))
    many = tuple(each.expand(DRAWS, -1) for each in begin)
    drawn = PartialStream(model, 0, many, 1).frames(9)
    assert drawn.std(dim=0).max() > 0
    wanted = (drawn**3).mean(dim=0) ** (1 / 3)
    torch.testing.assert_close(expected_frames(model, 0, begin, 9)[0], wanted)


def test_the_streams_of_the_papers_network_are_alike_however_far_they_are_followed():
    torch.manual_seed(4)
    model = BlockRNN(BlockConfig(rate=800, hop=200, fade=20, hidden=6)).eval()
    seed = np.random.default_rng(1).standard_normal(2000).astype(np.float32)
    first, second = block_stream(model, seed), block_stream(model, seed)
    made = [next(first) for _ in range(5)]
    np.testing.assert_array_equal(made, [next(second) for _ in range(5)])


def test_a_file_that_is_no_checkpoint_is_named(tmp_path, capsys):
    (tmp_path / "x.npz").write_bytes(b"no archive")
    (tmp_path / "credits.md").write_text("- None.\n")
    arguments = [str(tmp_path / "x.npz"), str(tmp_path / "x.onnx"), f"a={tmp_path}"]
    assert to_voice.main([*arguments, "--credits", str(tmp_path / "credits.md")]) == 2
    assert "x.npz: no readable checkpoint" in capsys.readouterr().err
