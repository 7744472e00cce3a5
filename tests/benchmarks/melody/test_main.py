"""The melody comparison, from a tiny corpus to its page."""

import json

import numpy as np
import pytest
import torch

from benchmarks.melody import __main__ as melody
from benchmarks.melody import page, runs
from benchmarks.melody.systems import LOSS, MATCH, RIGHT, SHARE, SYSTEMS
from benchmarks.melody.variants import SPLIT, STRANGERS
from export.papers.melody_lstm import tune_train, window_model

FEW = "random,3-gram,ppm-tune,by-tune,lstm,recalling,chord-n-gram"


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def corpus(tmp_path):
    """Twenty tunes of ten measures; the chord changes every measure."""
    steps = np.random.default_rng(1).integers(-2, 3, (20, 40)).cumsum(1)
    pitch = np.tile(70 + steps.clip(-8, 8), 2)
    count, length = pitch.shape
    path = tmp_path / "tunes.npz"
    np.savez(
        path, pitch=pitch.ravel(), onset=np.tile(24 * np.arange(length), count),
        duration=np.full(pitch.size, 24), tune_start=length * np.arange(count + 1),
        ticks_per_quarter=48, meter=np.full(count, "4/4"),
        variant_group=np.append(np.arange(10) // 2, np.arange(10, count)),
        chord_start=10 * np.arange(count + 1), chord_onset=np.tile(192 * np.arange(10), count),
        chord_duration=np.full(10 * count, 192), chord_bass=np.tile([0, 7], 5 * count),
        chord_pitch_classes=np.tile([0b10010001, 0b100010100100], 5 * count),
    )  # fmt: skip
    return path


def arguments(corpus, tmp_path, *more):
    return [f"--corpus={corpus}", f"--out={tmp_path / 'runs'}", f"--results={tmp_path / 'results'}",
            "--seeds=2", "--epochs=1", "--tune-epochs=2", *more]  # fmt: skip


def test_from_corpus_to_page(corpus, tmp_path, monkeypatch, capsys):
    (tmp_path / "results").mkdir()
    call = arguments(corpus, tmp_path, f"--systems={FEW}")
    assert melody.main(call) == 0
    written = json.loads((tmp_path / "results" / "melody.json").read_bytes())
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == written
    suffixes = {path.suffix for path in (tmp_path / "results").iterdir()}
    assert suffixes == {"", ".json", ".md", ".png"}  # and the folder of fingerprints
    found = {(r["system"], r["set"], r["measure"]): r for r in written}
    for split in ("train", "test"):
        assert found["random", f"nottingham/{split}", RIGHT]["value"] == pytest.approx(1 / 35)
        lstm = found["LSTM", f"nottingham/{split}", LOSS]
        assert (lstm["n"], lstm["sd"] > 0, lstm["unit"]) == (2, True, "nats")
        assert found["LSTM", f"nottingham/{split}", MATCH]["n"] == 2
    assert found["LSTM", "nottingham/train", LOSS]["paper"] == ".7460"
    assert found["chord n-gram", "nottingham/test", f"chord_{RIGHT}"]["value"] > 0.9
    assert f"corpora/{tmp_path.name}/tunes.npz" in written[0]["command"]
    text = (tmp_path / "results" / "melody.md").read_text()
    assert text.count("**missed**") + text.count("reached") == 4
    assert "There are 35 classes." in text
    both, strange, share = (
        found["PPM, split by tune", f"nottingham/{split}", measure]["value"]
        for split, measure in ((SPLIT, RIGHT), (STRANGERS, RIGHT), (SPLIT, SHARE))
    )
    assert 0 < share < 1
    assert f"**{share:.3f}**" in text.partition("A split by tune")[2].partition("##")[0]
    assert both != strange

    # What is trained and measured is neither trained nor measured again.
    for module in (window_model, tune_train):
        monkeypatch.setattr(module, "train", None)
    monkeypatch.setattr(runs, "counted", None)
    (tmp_path / "results" / "melody.json").unlink()
    assert melody.main(call) == 0
    assert json.loads((tmp_path / "results" / "melody.json").read_bytes()) == written


def test_with_hold_out_the_valid_part_replaces_the_test_part(corpus, tmp_path):
    (tmp_path / "results").mkdir()
    assert melody.main(arguments(corpus, tmp_path, "--systems=2-gram", "--hold-out")) == 0
    written = json.loads((tmp_path / "results" / "melody.json").read_bytes())
    assert {r["set"] for r in written} == {"nottingham/train", "nottingham/valid"}
    assert written[0]["command"].endswith("--hold-out")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ("--seeds=0", "--seeds 0: must be 1 or more"),
        ("--tune-epochs=0", "--tune-epochs 0: must be 1 or more"),
        ("--systems=gru", "--systems gru: must be among random, 1-gram"),
        ("--corpus=nowhere.npz", "nowhere.npz: not a readable archive of melodies"),
    ],
)
def test_mistakes_are_named(corpus, tmp_path, more, message, capsys):
    assert melody.main(arguments(corpus, tmp_path, more)) == 2
    assert message in capsys.readouterr().err


def test_a_negative_bound_is_an_upper_one():
    assert [page._verdict(v, -0.746) for v in (0.7, 0.8)] == ["reached", "**missed**"]
    assert [page._verdict(v, 0.588) for v in (0.6, 0.5)] == ["reached", "**missed**"]


def test_every_system_has_a_valid_plan():
    for system in SYSTEMS.values():
        assert system.kind in {"counted", "chords", "variants", "window", "tune"}
        assert system.seeded == (system.kind in {"variants", "window", "tune"})
