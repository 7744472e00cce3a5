import json
import re

import numpy as np
import pytest

from export.corpus import read
from export.corpus.dataset import split_of
from export.filter.thresholds import FEW
from export.melody import parity, to_voice
from export.step_graph import to_onnx
from export.to_voice import files
from export.training import checkpoint
from export.training.checkpoint import Checkpoint
from stream.compose.composer import Composer
from stream.compose.filter.entropy import FEATURES
from stream.compose.melody.vocabulary import SIZES
from stream.music.note import Controls, PhraseRequest
from stream.voices.spec import TensorSpec, read_spec

CREDITS = """\
Training data
- Patterns of these tests, public domain.
* not a bullet
- Scales, CC0.
"""


@pytest.fixture
def folder(tmp_path, archive, make_model):
    """A checkpoint, a corpus and its credits."""
    model = make_model("vrash", styles=("even",))
    valid = {"reconstruction": 9.25, "elbo": 9.5, "kl": 2.0, "notes": 100}
    progress = {"epochs": 3, "valid": valid}
    checkpoint.save(
        tmp_path / "best.npz", Checkpoint("vrash", model.config, model.state_dict(), {}, progress)
    )
    (tmp_path / "CREDITS.md").write_text(CREDITS)
    (tmp_path / "tunes.npz").write_bytes(archive.read_bytes())
    return tmp_path


@pytest.fixture
def export(folder):
    """Run the command in the folder; its exit code."""

    def export(name="best.npz", out="mine.onnx", corpus="even=tunes.npz", notices="CREDITS.md"):
        style, _, path = corpus.partition("=")
        return to_voice.main([
            str(folder / name), str(folder / out), "--corpus", f"{style}={folder / path}",
            "--credits", str(folder / notices), "--report", str(folder / "report.json"),
        ])  # fmt: skip

    return export


def request(index, history=()):
    return PhraseRequest(
        seed=4, tune=0, index=index, phrase_lengths=(768,) * index, bars=4, history=history,
        controls=Controls(),
    )  # fmt: skip


def test_a_voice_is_made_and_played(export, folder, capsys):
    code = export()
    facts = json.loads(capsys.readouterr().out)
    rows = json.loads((folder / "report.json").read_text())
    whole, styles = rows[:7], rows[7:]
    assert [(row["measure"], row["unit"], row["value"], row["n"]) for row in whole] == [
        ("tokens alike, torch and ONNX fp32", "", 1.0, 12000),
        ("log-probability, largest error", "nats", facts["log_prob_error"], 12000),
        ("causal, ONNX fp32", "bits/note", facts["fp32_bits"], 100),
        ("causal, ONNX int8", "bits/note", facts["int8_bits"], 100),
        ("reconstruction, torch", "bits/note", 9.25, 100),
        ("ELBO, torch", "bits/note", 9.5, 100),
        ("KL used", "nats/segment", 2.0, 100),
    ]
    assert {row["set"].split(",")[0] for row in styles} <= {"even", "odd"}
    mean = np.average([row["value"] for row in styles], weights=[row["n"] for row in styles])
    assert mean == pytest.approx(facts["fp32_bits"], abs=1e-3)
    (command,) = {row["command"] for row in rows}
    below = f"corpora/{folder.name}"
    made = f"python -m export.melody.to_voice {below}/best.npz {below}/mine.onnx --corpus "
    assert command.startswith(made)
    assert command.endswith(f" --report {below}/report.json")
    assert {row["system"] for row in rows} == {"mine"}
    assert code == (0 if facts["passed"] else 1)
    assert facts["family"] == "vrash"
    assert facts["same_tokens"] == facts["tokens"] == 12000
    spec = read_spec(folder / "mine.onnx")
    assert (spec.name, spec.kind, spec.heads, spec.latent) == ("mine", "melody", SIZES, 4)
    assert spec.states == (
        TensorSpec("rhn", (16,), "float32"), TensorSpec("position", (), "int64"),
    )  # fmt: skip
    assert spec.tags[0] == "style:even"
    assert len(spec.tags) == 11
    assert spec.credits == ("Patterns of these tests, public domain.", "Scales, CC0.")
    assert spec.quality == {
        "valid_bits_per_note": facts["int8_bits"],
        "valid_elbo_bits_per_note": 9.5,
        "epochs": 3,
    }
    assert re.fullmatch(r"[0-9a-f]{12}(-dirty)?|.+-\d+-g[0-9a-f]{12}(-dirty)?|", spec.source)
    style = spec.styles["even"]
    assert style.meters == {"8x24": 1.0}
    assert 0 < len(style.bounds) <= FEW
    assert set(style.bounds) <= set(FEATURES)
    composer = Composer(folder / "mine.onnx")
    phrase = composer.compose(request(0))
    assert (phrase.style, phrase.voice, phrase.bar) == ("even", "mine", 192)
    assert phrase.length >= 4 * 192
    assert phrase.notes


def test_without_a_validation_set_the_training_set_is_measured(export, folder, monkeypatch):
    melodies, reports = read.load([f"even={folder / 'tunes.npz'}"])
    training = [m for m in melodies if split_of(m) == "train"]
    monkeypatch.setattr(read, "load", lambda *_: (training, reports))
    measured = []

    def compare(model, fp32, int8, described, melodies):
        measured.append(melodies)
        return parity.MelodyParity(1, 12, 12, 0.0, 9.0, 9.0)

    monkeypatch.setattr(parity, "compare", compare)
    assert export() == 0
    assert measured == [training]


@pytest.mark.parametrize(("int8_bits", "code"), [(9.0, 0), (9.5, 1)])
def test_the_exit_code_tells_whether_parity_holds(export, monkeypatch, int8_bits, code):
    report = parity.MelodyParity(1, 12, 12, 0.0, 9.0, int8_bits)
    monkeypatch.setattr(to_onnx, "to_onnx", lambda _: b"")
    monkeypatch.setattr(to_onnx, "to_int8", lambda _: b"")
    monkeypatch.setattr(parity, "compare", lambda *_: report)
    assert export() == code


def refusal(export, capsys, **options):
    """The line that the command ends in."""
    assert export(**options) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.fullmatch(r"error: [^\n]+\n", err)
    return err


def damage(folder):
    content = (folder / "best.npz").read_bytes()
    (folder / "damaged.npz").write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"name": "none.npz"}, "none.npz: no readable checkpoint"),
        ({"name": "damaged.npz"}, "damaged.npz: no readable checkpoint"),
        ({"name": "CREDITS.md"}, "CREDITS.md: no readable checkpoint"),
        ({"notices": "none.md"}, "none.md: cannot be read"),
        ({"notices": "empty.md"}, "empty.md: names no data"),
        ({"corpus": "even=none.npz"}, "there is no"),
        ({"corpus": "=tunes.npz"}, "STYLE=PATH"),
        ({"corpus": "jazz=tunes.npz"}, "style jazz: the checkpoint knows even"),
    ],
)
def test_a_wrong_input_is_named_in_one_line(export, folder, capsys, options, named):
    damage(folder)
    (folder / "empty.md").write_text("nothing\n")
    assert named in refusal(export, capsys, **options)
    assert not (folder / "mine.onnx").exists()


def test_a_place_that_can_not_be_written_is_named(export, folder, capsys, monkeypatch):
    monkeypatch.setattr(to_onnx, "to_onnx", lambda _: b"")
    monkeypatch.setattr(to_onnx, "to_int8", lambda _: b"")
    report = parity.MelodyParity(1, 1, 1, 0.0, 1.0, 1.0)
    monkeypatch.setattr(parity, "compare", lambda *_: report)
    assert "none/mine.onnx: cannot be written" in refusal(export, capsys, out="none/mine.onnx")


def test_a_style_of_the_checkpoint_that_no_corpus_gives_is_named(
    export, folder, capsys, make_model
):
    model = make_model("lm")
    checkpoint.save(
        folder / "two.npz", Checkpoint("lm", model.config, model.state_dict(), {}, {"epochs": 1})
    )
    assert "style odd: no melody" in refusal(export, capsys, name="two.npz")


def test_the_source_is_that_of_the_code_wherever_one_stands(monkeypatch, tmp_path):
    here = files.commit()
    monkeypatch.chdir(tmp_path)
    assert files.commit() == here
