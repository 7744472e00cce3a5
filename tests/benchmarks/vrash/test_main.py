"""The whole comparison, as small as it gets."""

import json

import numpy as np
import pytest
import torch

from benchmarks.vrash import __main__ as vrash
from benchmarks.vrash.runs import Study, train_missing
from export.melody import train

TINY = (
    "--hidden=vrash=8,lm=8,vae=8", "--encoder-hidden=4", "--epochs=1", "--seeds=2", "--samples=2",
    "--bound-tunes=2", "--tunes=41", "--rounds=1", "--farthest=17", "--shuffles=2", "--resamples=4",
    "--across=jazz=bach",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def archive(path, seed):
    """Forty-five tunes of thirty-two eighths, a wandering line."""
    rng = np.random.default_rng(seed)
    pitch = 60 + np.cumsum(rng.integers(-2, 3, (45, 32)), axis=1).clip(-9, 11)
    np.savez(
        path, pitch=pitch.ravel(), duration=np.full(pitch.size, 24),
        onset=np.tile(24 * np.arange(32), 45), tune_start=32 * np.arange(46),
        meter=np.array(["4/4"] * 45), key=np.array(["C major"] * 45), variant_group=np.arange(45),
    )  # fmt: skip
    return path


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpora")
    return [
        f"--corpus={s}={archive(folder / f'{s}.npz', i)}" for i, s in enumerate(("folk", "jazz"))
    ]


def test_from_corpora_to_page(corpora, tmp_path, monkeypatch, capsys):
    runs, out = tmp_path / "runs", tmp_path / "out"
    arguments = [*corpora, *TINY, f"--runs={runs}", f"--out={out}"]
    monkeypatch.setattr("sys.argv", ["vrash", *arguments])
    assert vrash.main(arguments) == 0
    names = {"measured", "vrash.json", "vrash.md", "vrash.png", "vrash_memory.png"}
    assert {path.name for path in out.iterdir()} == names
    written = json.loads((out / "vrash.json").read_bytes())
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == written
    assert {r["system"] for r in written} >= {"real", "uniform", "untrained", "LM", "VAE", "VRASH"}
    assert all(np.isfinite(r["value"]) for r in written)
    assert "| VRASH |" in (out / "vrash.md").read_text()

    # A finished run is not trained again; an interrupted run is resumed.
    before = (runs / "lm-1" / "last.npz").read_bytes()
    (runs / "lm-2" / "best.npz").unlink()
    (runs / "lm-2" / "last.npz").unlink()
    trained = []
    main = train.main
    monkeypatch.setattr(train, "main", lambda argv: trained.append(argv) or main(argv))
    hidden = {"vrash": 8, "lm": 8, "vae": 8}
    specs = [text.removeprefix("--corpus=") for text in corpora]
    train_missing(Study(specs, runs, hidden, encoder_hidden=4, epochs=1, seeds=(1, 2)))
    assert [argv[0] for argv in trained] == ["--model=lm"]
    assert (runs / "lm-1" / "last.npz").read_bytes() == before


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--hidden=vrash=8"], "--hidden vrash=8: write a width for each"),
        (["--voice=none"], "none"),
    ],
)
def test_mistakes_are_named(corpora, tmp_path, capsys, more, message):
    arguments = [*corpora, *TINY, f"--runs={tmp_path}", *more]
    assert vrash.main(arguments) == 2
    assert message in capsys.readouterr().err


def test_a_style_without_bounds_is_named(corpora, tmp_path, capsys):
    arguments = [corpora[0].replace("folk=", "polka="), *TINY, f"--runs={tmp_path}"]
    assert vrash.main(arguments) == 2
    assert "style polka: voice commons has no bounds" in capsys.readouterr().err
