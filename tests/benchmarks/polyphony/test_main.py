"""The whole table, as small as it gets."""

import json
import re

import numpy as np
import pytest
import torch

from benchmarks.polyphony import __main__ as polyphony
from benchmarks.polyphony import runs
from benchmarks.polyphony.records import plain
from benchmarks.record import Record, figure
from export.training.trainer import Trainer

TINY = (
    "--systems=nade,rbm", "--raw=rbm", "--seeds=2", "--effort=0.0001", "--betas=5", "--chains=2",
    "--frames=7", "--turns=0",
)  # fmt: skip
CALL = f"python -m benchmarks.polyphony --set=jsb=corpora/rolls/tiny.npz {' '.join(TINY)}"
AIS, EXACT, MONITOR, WEIGHTS, SIZE, TRAINED, GAIN, ADAPTED = (
    "log_likelihood_ais", "log_likelihood_exact", "pseudo_log_likelihood_monitor", "log_weight_sd",
    "parameters", "frames_trained", "paired_gain",
    "log_likelihood_exact_adapted",
)  # fmt: skip
ROWS = [
    ("random", "jsb/test", EXACT, 1, "-61.00"),
    ("RBM (7 frames)", "jsb/test", AIS, 2, "-7.43"),
    ("RBM (7 frames)", "jsb/test", MONITOR, 2, "-7.43"),
    ("RBM (7 frames)", "jsb/test", WEIGHTS, 2, None),
    ("RBM (7 frames)", "jsb/test", SIZE, 1, None),
    ("RBM (7 frames)", "jsb/test", TRAINED, 1, None),
    ("NADE", "jsb/test", EXACT, 2, "-7.19"),
    ("NADE", "jsb/test", SIZE, 1, None),
    ("NADE", "jsb/test", TRAINED, 1, None),
    ("RBM, raw keys (7 frames)", "jsb-raw/test", AIS, 2, None),
    ("RBM, raw keys (7 frames)", "jsb-raw/test", MONITOR, 2, None),
    ("RBM, raw keys (7 frames)", "jsb-raw/test", WEIGHTS, 2, None),
    ("RBM, raw keys (7 frames)", "jsb-raw/test", SIZE, 1, None),
    ("RBM, raw keys (7 frames)", "jsb-raw/test", TRAINED, 1, None),
    ("RBM: transposed > raw", "jsb/test", GAIN, 2, None),
]


@pytest.fixture(autouse=True)
def _one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Six pieces of twelve frames in each split: a chord that wanders."""
    path = tmp_path_factory.mktemp("sets") / "rolls" / "tiny.npz"
    path.parent.mkdir()
    rng, arrays = np.random.default_rng(1), {}
    for split in ("train", "valid", "test"):
        roots = 40 + np.cumsum(rng.integers(-2, 3, 72))
        frames = np.zeros((72, 88), bool)
        for offset in (0, 4, 7):
            frames[np.arange(72), roots.clip(20, 70) + offset] = True
        arrays[f"{split}_roll"] = np.packbits(frames, axis=1)
        arrays[f"{split}_lengths"] = np.full(6, 12)
    np.savez(path, **arrays)
    return path


@pytest.fixture
def run(archive, tmp_path, capsys):
    """A function that runs the benchmark, and returns its exit code and output."""

    def run(*options):
        places = (f"--out={tmp_path / 'out'}", f"--results={tmp_path / 'results'}")
        code = polyphony.main([f"--set=jsb={archive}", *TINY, *places, *options])
        return code, capsys.readouterr()

    return run


def test_the_whole_table(run, tmp_path):
    code, printed = run()
    assert code == 0
    documents = json.loads((tmp_path / "results" / "polyphony.json").read_bytes())
    assert json.loads(printed.out.splitlines()[-1]) == documents
    found = [Record(**document) for document in documents]
    assert [(r.system, r.set, r.measure, r.n, r.paper) for r in found] == ROWS
    assert {r.command for r in found} == {CALL}
    assert all((r.sd is None) == (r.n == 1) for r in found)
    values = {(r.system, r.measure): r for r in found}
    assert values["random", EXACT].value == pytest.approx(-60.997, abs=1e-3)
    assert values["NADE", SIZE].value == 2 * 88 * 150 + 88 + 150
    assert values["RBM (7 frames)", SIZE].value == 88 * 150 + 88 + 150
    assert -20 < values["NADE", EXACT].value < -3

    def ours(system, measure, after):
        r = values[system, measure]
        return f"**{r.value:.2f}** ± {r.sd:.2f} ({after})"

    watched = {s: values[s, MONITOR].value for s in ("RBM (7 frames)", "RBM, raw keys (7 frames)")}
    rbm, raw = (ours(s, AIS, f"AIS; monitor {m:.2f}") for s, m in watched.items())
    nade = ours("NADE", EXACT, "exact")
    page = (tmp_path / "results" / "polyphony.md").read_text(encoding="utf-8")
    rows = page.split("\n\n")[2].splitlines()
    assert [row.split(" | ")[:2] for row in rows if re.match(r"\| (random|RBM|NADE)", row)] == [
        ["| random", "-61.00 / -5.19 / **-61.00** (exact)"],
        ["| RBM", f"-7.43 / -5.19 / {rbm}"],
        ["| RBM, raw keys", f"- / - / {raw}"],
        ["| NADE", f"-7.19 / -5.19 / {nade}"],
    ]
    assert rows[0] == "| system | JSB | Nottingham | MuseData | Piano-midi.de |"
    assert "| RNN-DBN | -5.68 / -5.19 / - | -2.54 / -1.61 / - | -6.28 / -4.32 / - |" in page
    gap = values["RBM (7 frames)", AIS].value - values["RBM, raw keys (7 frames)", AIS].value
    assert values["RBM: transposed > raw", GAIN].value == pytest.approx(gap)
    said = re.escape(f"{gap:+.2f}")
    assert re.search(rf"\| RBM: transposed > raw \| JSB \| {said} ± \d+\.\d\d \(2\) \| ", page)
    # Each plan shows the 72 frames of the split `epochs` times.
    epochs = round(1.4e6 * 0.0001 / 72)
    assert values["RBM (7 frames)", TRAINED].value == 72 * epochs
    assert f"| RBM | 13,438 | {72 * epochs / 1e6:.2f} | - | " in page
    assert f"| RBM (7 frames) | jsb/test | {WEIGHTS} | " in page
    assert figure(values["NADE", EXACT].value) in page
    assert f"Made by `{CALL}`." in page
    assert (tmp_path / "results" / "polyphony.png").read_bytes().startswith(b"\x89PNG")


def test_an_interrupted_run_resumes(run, tmp_path, monkeypatch):
    calls = []

    def counting(trainer):
        calls.append(trainer.out.relative_to(tmp_path / "out").as_posix())
        if len(calls) == 4:
            raise KeyboardInterrupt
        return fit(trainer)

    fit = Trainer.fit
    monkeypatch.setattr(Trainer, "fit", counting)
    with pytest.raises(KeyboardInterrupt):
        run()
    order = ["jsb/rbm-1", "jsb/nade-1", "jsb-raw/rbm-1", "jsb/rbm-2", "jsb/nade-2", "jsb-raw/rbm-2"]
    assert calls == [f"{name}/whole" for name in order[:4]]
    kept = sorted(p.relative_to(tmp_path / "out").as_posix() for p in tmp_path.rglob("*-?.json"))
    assert kept == sorted(f"{name}.json" for name in order[:3])

    measure = runs._measure
    again = []
    monkeypatch.setattr(
        runs,
        "_measure",
        lambda study, path, found: again.append(path) or measure(study, path, found),
    )
    assert run()[0] == 0
    assert [p.parent.parent.relative_to(tmp_path / "out").as_posix() for p in again] == order[3:]
    # Nothing is done twice, and the table is the same.
    first = (tmp_path / "results" / "polyphony.json").read_bytes()
    monkeypatch.setattr(Trainer, "_epoch", lambda *_: pytest.fail("trained again"))
    assert run()[0] == 0
    assert len(again) == 3
    assert (tmp_path / "results" / "polyphony.json").read_bytes() == first
    # Another annealing is another measure of the same models.
    assert run("--betas=6")[0] == 0
    assert len(again) == 3 + len(order)


def test_models_trained_elsewhere_are_used(run, tmp_path):
    run("--systems=nade", "--raw=")
    documents = json.loads((tmp_path / "results" / "polyphony.json").read_bytes())
    checkpoint = tmp_path / "out" / "jsb" / "nade-2" / "whole" / "best.npz"
    code, _ = run("--systems=nade", "--raw=", f"--trained=nade/jsb={checkpoint}")
    assert code == 0
    (record,) = [
        r for r in json.loads((tmp_path / "results" / "polyphony.json").read_bytes())
        if r["measure"] == EXACT and r["system"] == "NADE"
    ]  # fmt: skip
    assert (record["n"], record["sd"]) == (1, None)
    # The page shows the path as in a fresh clone, below `runs`.
    assert record["command"].endswith(" --trained=nade/jsb=runs/whole/best.npz")
    (both,) = [r for r in documents if r["measure"] == EXACT and r["system"] == "NADE"]
    assert abs(record["value"] - both["value"]) == pytest.approx(both["sd"] / np.sqrt(2))


def test_models_that_go_on_learning_have_their_own_table(run, tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.polyphony.adapting.LENGTH", 4)
    code, _ = run("--systems=nade", "--raw=", "--seeds=1", "--adapted=nade")
    assert code == 0
    found = [Record(**r) for r in json.loads((tmp_path / "results/polyphony.json").read_bytes())]
    plainly, learnt = ([r for r in found if r.measure == m][-1] for m in (EXACT, ADAPTED))
    assert (learnt.system, learnt.set, learnt.n) == ("NADE", "jsb/test", 1)
    assert learnt.value != plainly.value
    page = (tmp_path / "results" / "polyphony.md").read_text(encoding="utf-8")
    table, apart = page.split("## Apart: models that go on learning")
    assert f"| NADE | JSB | {plainly.value:.3f} | {learnt.value:.3f} |" in apart
    assert f"{learnt.value:.2f}" not in table or f"{plainly.value:.2f}" == f"{learnt.value:.2f}"
    # The stored reading is used again.
    monkeypatch.setattr("benchmarks.polyphony.adapting.nats_per_frame", None)
    assert run("--systems=nade", "--raw=", "--seeds=1", "--adapted=nade")[0] == 0


def test_a_model_without_an_exact_likelihood_is_rejected_for_adapting(run):
    code, printed = run("--systems=rbm", "--raw=", "--seeds=1", "--adapted=rbm")
    assert code == 2
    assert "--adapted rbm: has no exact likelihood to adapt to" in printed.err


def test_all_systems_have_a_plan_that_runs(run, tmp_path):
    everything = ("note-ngram", "rtrbm", "rnn", "rnn-rbm", "rnn-nade", "rnn-dbn")
    options = (f"--systems={','.join(everything)}", "--raw=", "--seeds=1", "--samples=2")
    assert run(*options)[0] == 0
    documents = json.loads((tmp_path / "results" / "polyphony.json").read_bytes())
    likelihoods = [r for r in documents if r["measure"].startswith("log_likelihood")]
    found = [(plain(r["system"]), r["measure"].rpartition("_")[2]) for r in likelihoods]
    assert found == [
        ("random", "exact"), ("note n-gram", "exact"), ("RNN", "exact"), ("RTRBM", "ais"),
        ("RNN-RBM", "ais"), ("RNN-NADE", "exact"), ("RNN-DBN", "bound"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("--systems=lstm", "--systems lstm: must be among "),
        ("--seeds=0", "--seeds 0: must be 1 or more"),
        ("--effort=0", "--effort 0: must be more than 0"),
        ("--minutes-per-model=-1", "--minutes-per-model -1: must be 0 or more"),
        ("--turns=-1", "--turns -1: must be 1 or more, or 0 for no timing"),
        ("--frames=-1", "--frames -1: must be 1 or more, or 0 for all"),
        ("--trained=x", "--trained x: must read SYSTEM/SET=CHECKPOINT.npz"),
        ("--systems=rnn-dbn", "--systems rnn-dbn: begins with rnn-rbm"),
        ("--set=x", "--set x: must be NAME=PATH"),
    ],
)
def test_mistakes_are_one_line(run, option, message):
    code, printed = run("--raw=", option)
    assert code == 2
    assert re.fullmatch(r"error: [^\n]+\n", printed.err.rpartition("\r")[2].lstrip()) or (
        printed.err.count("error:") == 1
    )
    assert message in printed.err
