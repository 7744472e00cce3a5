"""From a checkpoint to a voice that the runtime composes with."""

import json

import numpy as np
import pytest
import torch

from export.chorale.step import ChoraleStep
from export.frames import parity, to_voice
from export.frames.parity import FrameParity
from export.models.polyphony import rnn_dbn
from export.models.polyphony.chorale import Chorale, ChoraleConfig
from export.rolls import key_steps
from export.to_voice.pipeline import PRECISIONS
from export.training import checkpoint
from export.training.checkpoint import Checkpoint
from stream.compose.composer import Composer
from stream.compose.polyphony.chorale_frames import CHORALE
from stream.compose.step import Step
from stream.music.note import Controls
from stream.music.stream_position import StreamPosition
from stream.voices.spec import append_spec, read_spec

GRID = to_voice.styles.four_quarters(CHORALE)
CREDITS = """\
# Credits

## other.onnx

- Something else.

## mine.onnx

- Patterns of these tests, public domain.
"""


@pytest.fixture
def folder(tmp_path, monkeypatch, archive):
    """A checkpoint of a tiny RNN-DBN that sweeps twice, the archive, and credits."""
    for module in (rnn_dbn, key_steps):
        monkeypatch.setattr(module, "SWEEPS", 2)
    torch.manual_seed(1)
    model = rnn_dbn.RNNDBN(rnn_dbn.RNNDBN.Config(("tiny",), hidden=9, top=8, recurrent=7))
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(0, 0.3)
        model.visible.fill_(-2.5)
    progress = {"epochs": 3}
    state = Checkpoint("rnn-dbn", model.config, model.state_dict(), {}, progress)
    checkpoint.save(tmp_path / "best.npz", state)
    (tmp_path / "CREDITS.md").write_text(CREDITS)
    (tmp_path / "tiny.npz").write_bytes(archive.read_bytes())
    return tmp_path


def export(folder, *more, name="tiny", checkpoint_name="best.npz", credits_file="CREDITS.md"):
    return to_voice.main([
        str(folder / checkpoint_name), str(folder / "mine.onnx"), f"--set={name}={folder}/tiny.npz",
        f"--credits={folder / credits_file}", *more,
    ])  # fmt: skip


def test_a_checkpoint_becomes_a_voice_that_plays(folder, capsys):
    report = folder / "report.json"
    arguments = ("--precision=fp32", "--section=mine.onnx", f"--report={report}")
    assert export(folder, *arguments) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["passed"]
    assert facts["same_tokens"] == facts["tokens"] == 500 * 4 * 12
    spec = read_spec(folder / "mine.onnx")
    assert (spec.kind, spec.noise, spec.credits) == (
        "pianoroll", 2 * 17 + 88, ("Patterns of these tests, public domain.",)
    )  # fmt: skip
    assert spec.quality == {"valid_nats_per_frame": round(facts["fp32_nats"], 4), "epochs": 3}
    assert spec.model["family"] == "rnn-dbn"
    assert list(spec.styles) == ["tiny"]
    rows = json.loads(report.read_text())
    assert [row["measure"] for row in rows[-2:]] == ["ONNX fp32", "ONNX int8"]
    composer = Composer(folder / "mine.onnx")
    phrase = composer.compose(StreamPosition(1, Controls(candidates=2)).request)
    assert phrase.notes


def test_a_set_in_quarters_is_played_in_quarters(folder):
    source = to_voice.pianoroll(folder / "best.npz", [f"tiny={folder}/tiny.npz"], ["tiny"])
    grid = source.grid("tiny")
    assert (grid.bar, grid.kind.ticks) == (4, 48)
    described = to_voice.styles.style(grid, source.train["tiny"], [], {"major": 1.0}, b"")
    assert described.meters == {"4x48": 1.0}
    eighths = to_voice.pianoroll(folder / "best.npz", [f"tiny={folder}/tiny.npz"])
    assert (eighths.grid("tiny").bar, eighths.grid("tiny").kind.ticks) == (8, 24)


def test_quarters_of_a_set_that_is_none(folder, capsys):
    assert export(folder, "--quarters=other") == 2
    assert capsys.readouterr().err == "error: --quarters other: no --set has this name\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "other"}, "--set other: the checkpoint knows tiny"),
        ({"checkpoint_name": "none.npz"}, "no readable checkpoint"),
        ({"credits_file": "none.md"}, "cannot be read"),
    ],
)
def test_mistakes_end_with_one_line(folder, capsys, changes, message):
    assert export(folder, **changes) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: ")
    assert message in line


def test_a_section_without_credits_is_refused(folder, capsys):
    assert export(folder, "--section=commons.onnx") == 2
    assert "names no data" in capsys.readouterr().err


def test_a_chorale_and_a_set_do_not_go_together(folder, capsys):
    assert export(folder, "--satb=x.npz") == 2
    assert capsys.readouterr().err == (
        "error: give either --satb PATH, for a chorale, or --set NAME=PATH\n"
    )


@pytest.mark.parametrize(
    ("change", "passed"),
    [
        ({}, ["int8", "fp32"]),
        ({"same_tokens": 9}, []),
        ({"log_prob_error": 2e-4}, []),
        ({"int8_nats": 2.03}, ["fp32"]),
        ({"int8_nats": 1.97}, ["fp32"]),
    ],
)
def test_what_passes(change, passed):
    facts = {"steps": 1, "same_tokens": 10, "tokens": 10, "log_prob_error": 1e-5}
    report = FrameParity(**(facts | {"fp32_nats": 2.0, "int8_nats": 2.01} | change))
    assert [p for p in PRECISIONS if report.passes(p)] == passed


def test_the_runtime_takes_the_graph_of_a_chorale(tmp_path):
    torch.manual_seed(4)
    model = Chorale(ChoraleConfig(hidden=8, depth=1, part_width=8)).eval()
    step = ChoraleStep(model)
    shape = step.shape
    graph = parity.to_onnx.traced(step, shape.first(4), shape.inputs, shape.outputs)
    report = parity.played(step, graph, 30)
    assert report.same_tokens == report.tokens == 30 * 16
    assert report.traced
    style = to_voice.styles.style(GRID, [np.full((64, 4), 30)], [], {"major": 1.0}, b"")
    spec = to_voice.spec_of("mine", step, {"bach": style})
    (tmp_path / "mine.onnx").write_bytes(append_spec(graph, spec))
    assert Step(tmp_path / "mine.onnx").spec.noise == 4
    pieces = [np.full((9, 4), 30), np.full((5, 4), 31)]
    together = parity.forced_nats(shape, graph, pieces)
    alone = [parity.forced_nats(shape, graph, [piece])[0] for piece in pieces]
    np.testing.assert_allclose(together, alone, rtol=1e-5)
