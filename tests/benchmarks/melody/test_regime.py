"""The poster's LSTM without regularization, from a tiny corpus to its page."""

import json

import numpy as np
import pytest
import torch

from benchmarks.melody import regime, regime_page
from benchmarks.record import Record


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def corpus(tmp_path):
    """Twenty tunes of ten measures."""
    steps = np.random.default_rng(1).integers(-2, 3, (20, 40)).cumsum(1)
    pitch = np.tile(70 + steps.clip(-8, 8), 2)
    path = tmp_path / "tunes.npz"
    np.savez(
        path, pitch=pitch.ravel(), onset=np.tile(24 * np.arange(80), 20),
        duration=np.full(pitch.size, 24), tune_start=80 * np.arange(21), ticks_per_quarter=48,
        meter=np.full(20, "4/4"), variant_group=np.arange(20),
    )  # fmt: skip
    return path


def test_from_corpus_to_page(corpus, tmp_path, capsys):
    call = [f"--corpus={corpus}", f"--out={tmp_path / 'runs'}", "--epochs=4", "--readings=2",
            "--hidden=8", "--songs=0,15", f"--results={tmp_path / 'results'}"]  # fmt: skip
    assert regime.main(call) == 0
    written = json.loads(capsys.readouterr().out.splitlines()[-1])
    places = {(r["system"], r["set"]) for r in written}
    assert ("LSTM, not regularized, 2 epochs", "20 songs, train") in places
    assert ("LSTM, not regularized, 4 epochs", "15 songs, test") in places
    assert {r["n"] for r in written} == {2}
    text = (tmp_path / "results" / "regime.md").read_text()
    assert "on 20 songs and on 15 songs" in text
    assert "is not reached on 20 songs" in text


def test_the_reading_that_passes_the_poster_is_told():
    figures = {10: (0.9, 0.70, 1.3, 0.57), 20: (0.7, 0.78, 1.5, 0.55)}
    records = [
        Record(f"LSTM, not regularized, {epoch} epochs", f"9 songs, {split}", measure, "", value)
        for epoch, values in figures.items()
        for (split, measure), value in zip(
            [(s, m) for s in ("train", "test") for m in ("log_loss", "one_step_accuracy")], values,
            strict=True,
        )
    ]  # fmt: skip
    (found,) = regime_page.verdicts(records)
    assert "after 20 epochs" in found
    assert "for 0.550" in found
    assert found.endswith("any reading is 0.570.")


def test_songs_are_numbers(corpus, capsys):
    assert regime.main([f"--corpus={corpus}", "--songs=all"]) == 2
    assert "--songs all: must be numbers" in capsys.readouterr().err
