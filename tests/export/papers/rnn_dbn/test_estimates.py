import json

import pytest

from export.papers.rnn_dbn import estimates
from export.rolls import train

SIZES = ("--epochs", "1", "--rows", "4", "--length", "8", "--hidden", "6", "--steps", "2")
EFFORT = ("--betas", "20", "--chains", "4")


@pytest.fixture(scope="module")
def checkpoints(archive, tmp_path_factory):
    """An RNN-RBM, and the RNN-DBN begun from it, by their families' names."""
    folder = tmp_path_factory.mktemp("runs")
    common = ("--set", f"tiny={archive}", *SIZES)
    train.main(["--model", "rnn-rbm", "--out", str(folder / "rnn-rbm"), *common])
    first = folder / "rnn-rbm" / "best.npz"
    train.main(
        ["--model", "rnn-dbn", "--begin-with", str(first), "--out", str(folder / "rnn-dbn"),
         *common]
    )  # fmt: skip
    train.main(["--model", "note-list", "--out", str(folder / "note-list"), *common[:8]])
    return {path.name: path / "best.npz" for path in folder.iterdir()}


@pytest.fixture
def measured(checkpoints, archive, capsys):
    def measured(family, *options):
        capsys.readouterr()
        code = estimates.main(
            [str(checkpoints[family]), "--set", f"tiny={archive}", *EFFORT, *options]
        )
        printed = capsys.readouterr()
        return (code, printed.err) if code else (code, json.loads(printed.out))

    return measured


def test_the_measure_is_named(measured):
    code, line = measured("rnn-rbm")
    assert code == 0
    assert line["set"] == "tiny/test"
    assert line["measure"] == "log_likelihood_ais"
    assert line["frames"] == 19 + 24
    assert line["variational"] is line["effective"] is None
    assert line["spread"] == 0
    assert (line["betas"], line["chains"]) == (20, 4)
    _, deep = measured("rnn-dbn", "--samples", "10")
    assert deep["measure"] == "log_likelihood_bound"
    assert deep["variational"] <= deep["nats"]
    assert 1 <= deep["effective"] <= 10
    assert deep["nats"] == pytest.approx(line["nats"], abs=3)


def test_a_subset_is_random_and_repeatable(measured):
    lines = [measured("rnn-rbm", "--frames", "9", "--seed", s)[1] for s in ("1", "1", "2")]
    for line in lines:
        line.pop("seconds")
    assert lines[0] == lines[1] != lines[2]
    assert lines[0]["frames"] == 9
    assert lines[0]["spread"] > 0


def test_a_model_with_an_exact_likelihood_is_refused(measured):
    code, error = measured("note-list")
    assert code == 2
    assert error.startswith("error: ")
    assert "exact likelihood" in error
    assert error.count("\n") == 1


def test_what_all_frames_share_is_estimated_by_more_chains(archive, tmp_path, capsys):
    train.main(["--model", "rbm", "--out", str(tmp_path), "--set", f"tiny={archive}", *SIZES])
    capsys.readouterr()
    found = []
    for seed in ("1", "2"):
        options = ("--set", f"tiny={archive}", "--seed", seed, *EFFORT)
        estimates.main([str(tmp_path / "best.npz"), *options])
        found.append(json.loads(capsys.readouterr().out)["nats"])
    assert 0 < abs(found[0] - found[1]) < 0.02
