"""The whole blues benchmark, as small as it gets."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.blues import __main__ as blues
from benchmarks.blues import experiments, page, stream
from benchmarks.record import Record
from export.blues.choruses import chorus
from export.blues.forms import CHORUS, STYLES
from stream.compose.step import StepState

TINY = ("--seeds=1", "--controls=1", "--iterations=2", "--play=2", "--voice=none")


def test_a_second_run_uses_the_stored_results(tmp_path, monkeypatch, capsys):
    call = [*TINY, f"--out={tmp_path / 'runs'}", f"--results={tmp_path}", "--paper=0.0001"]
    assert blues.main(call) == 0
    rows = json.loads((tmp_path / "blues.json").read_text())
    systems = list(dict.fromkeys(row["system"] for row in rows))
    assert systems == [
        "LSTM, 4 blocks of 2 cells", "LSTM, 4 blocks of 2 cells, stopped by one cycle",
        "tanh RNN, 8 units", "tanh RNN, 24 units",
        "LSTM, 8 blocks of 2 cells", "LSTM, the paper's optimiser",
    ]  # fmt: skip
    assert (tmp_path / "blues.png").is_file()
    assert "blues.png" in (tmp_path / "blues.md").read_text()
    monkeypatch.setattr(experiments, "learn", None)
    assert blues.main(call) == 0
    assert json.loads((tmp_path / "blues.json").read_text()) == rows


@pytest.mark.parametrize(("wanted", "value", "verdict"), [
    ("all", 1.0, "reached"), ("1", 0.99999, "**missed**"),
    ("none", 0, "reached"), ("none", 1, "**missed**"),
    ("10 of 10", 10, "reached"), ("10 of 10", 9, "**missed**"),
    ("at least 0.05", 0.05, "reached"), ("at least 0.05", 0.04, "**missed**"),
])  # fmt: skip
def test_a_figure_is_compared_with_the_expectation(wanted, value, verdict):
    records = [Record("net", "x", "right", "", value, paper=wanted), Record("net", "x", "y", "", 1)]
    rows = page.expected(records).splitlines()[2:]
    assert [row.split(" | ")[1:] for row in rows] == [[wanted, f"{value:g}", f"{verdict} |"]]


def test_an_invalid_count_is_reported(tmp_path, capsys):
    assert blues.main(["--seeds=0", f"--out={tmp_path}"]) == 2
    assert capsys.readouterr().err == "error: --seeds 0: must be 1 or more\n"


class Jukebox:
    """A voice that plays choruses of the styles, and one style wrong."""

    wrong = ""

    def __init__(self, path):
        tags = (*(f"style:{style}" for style in STYLES), "mode:C")
        self.spec = SimpleNamespace(tags=tags, latent=0, noise=2, model={"clock": 1})

    def initial(self):
        state = np.zeros((1, 4), np.float32)
        return StepState(np.zeros((1, 3), np.int64), (state, np.zeros(1, np.int64)))

    def __call__(self, state, point, noise):
        style = STYLES[int(point.style[0].argmax())]
        position = state.states[-1]
        frames = chorus(style, np.random.default_rng(int(position[0]) // CHORUS))
        token = np.repeat(frames[position[0] % CHORUS][None], len(noise), 0)
        if style == self.wrong:
            token[:, 1] = 25
        return SimpleNamespace(state=StepState(token, (state.states[0], position + 1)))


@pytest.fixture
def jukebox(monkeypatch):
    monkeypatch.setattr(stream, "Step", Jukebox)
    monkeypatch.setattr(stream, "digest", lambda path: "0" * 64)
    monkeypatch.setattr(stream, "LEARNED", 2)
    monkeypatch.setattr(stream, "chorus", lambda style, rng, made={}: made.setdefault(
        style, chorus(style, np.random.default_rng(0))))  # fmt: skip
    monkeypatch.setattr(Jukebox, "wrong", "jazz")


def test_figures_of_a_stream(jukebox, tmp_path):
    found = {s: stream.measured(tmp_path, s, 2, 2, tmp_path) for s in ("quick", "jazz")}
    assert found["quick"].choruses == 4
    assert (found["quick"].chords, found["quick"].held) == (1, 1)
    assert found["quick"].settled == 2
    assert 0 < found["quick"].new_bars <= 0.5  # the first chorus was learnt, the second was not
    assert found["jazz"].chords < 0.5
    assert stream.measured(tmp_path, "jazz", 2, 2, tmp_path) == found["jazz"]
