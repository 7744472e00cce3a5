"""The five papers in one table: how to hear each system, its figure beside the paper's, its speed.

Nothing is measured here: every figure comes from `results/*.json`, which also has its command.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks.record import RESULTS, Document, figure, markdown, read

COLUMNS = ("system", "hear it", "measured again (paper)", "times real time, one core")
REAL_TIME = "composing, x real time"
SAMPLE, BOUND = "test, sample", "importance-weighted bound"


@dataclass(frozen=True, slots=True)
class Source:
    """The record that holds a figure."""

    name: str
    """Name of the file in `results/`, without its ending."""
    system: str
    set: str
    measure: str

    def read(self, folder: Path) -> Document:
        """Return the record; raise `LookupError` if it is missing."""
        for document in read(self.name, folder):
            if (document["system"], document["set"], document["measure"]) == (
                self.system, self.set, self.measure,
            ):  # fmt: skip
                return document
        raise LookupError(f"{self.name}.json has no {self.measure} of {self.system}, {self.set}")


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure with its label."""

    label: str
    source: Source
    paper: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A row of the table."""

    system: str
    authors: str
    page: str
    """Name of the page of its results."""
    flags: str
    """Flags of `perpetuum play`."""
    headlines: tuple[Headline, ...]
    speed: Source


PAPERS = (
    Paper(
        "VRASH", "Yamshchikov & Tikhonov 2020", "vrash", "",
        (
            Headline("bits a note, VRASH", Source("vrash", "VRASH", "test", "reconstruction"),
                     "no digits; VRASH ≤ LM < VAE"),
            Headline("LM", Source("vrash", "LM", "test", "reconstruction"), ""),
            Headline("VAE", Source("vrash", "VAE", "test", "reconstruction"), ""),
            Headline("on a bound that is fair to all LM is ahead, VRASH",
                     Source("vrash", "VRASH", SAMPLE, BOUND), ""),
            Headline("LM", Source("vrash", "LM", SAMPLE, BOUND), ""),
        ),
        Source("compose", "perpetuum", "all styles, K = 16", REAL_TIME),
    ),
    Paper(
        "RNN-DBN", "Goel, Vohra & Sahoo 2014", "polyphony", "--voice rnn-dbn",
        (
            Headline("nats a frame, chorales, bound",
                     Source("polyphony", "RNN-DBN (600 frames)", "jsb/test",
                            "log_likelihood_bound"), "-5.68"),
            Headline("ours, exact",
                     Source("polyphony", "note-list", "jsb/test", "log_likelihood_exact"), ""),
        ),
        Source("frame_cost", "rnn-dbn", "K = 8", REAL_TIME),
    ),
    Paper(
        "melody LSTM", "a poster", "melody", "--voice session",
        (
            Headline("right in one step, test",
                     Source("melody", "LSTM", "nottingham/test", "one_step_accuracy"), ".588"),
            Headline("ours, told intervals",
                     Source("melody", "LSTM, intervals", "nottingham/test", "one_step_accuracy"),
                     ""),
            Headline("ours, whole tune",
                     Source("melody", "LSTM, whole tune, recall", "nottingham/test",
                            "one_step_accuracy"), ""),
            Headline("of the whole tune too, PPM",
                     Source("melody", "PPM, whole tune", "nottingham/test", "one_step_accuracy"),
                     ""),
        ),
        Source("frame_cost", "session", "K = 8", REAL_TIME),
    ),
    Paper(
        "LSTM blues", "Eck & Schmidhuber 2002", "blues", "--voice blues",
        (
            Headline("of ten networks without a wrong chord in 100 choruses",
                     Source("blues", "LSTM, 4 blocks of 2 cells", "100 choruses",
                            "networks without a wrong chord note"), "all"),
            Headline("stopped by one right chorus, as in the paper",
                     Source("blues", "LSTM, 4 blocks of 2 cells, stopped by one cycle",
                            "100 choruses", "networks without a wrong chord note"), "all"),
            Headline("a simple network of 24 units",
                     Source("blues", "tanh RNN, 24 units", "100 choruses",
                            "networks without a wrong chord note"), "none"),
        ),
        Source("frame_cost", "blues", "K = 8", REAL_TIME),
    ),
    Paper(
        "GRUV", "Nayebi & Vitelli 2015", "waveform", "--voice gruv --out audio",
        (
            Headline("dev error on clean sound, LSTM",
                     Source("waveform", "LSTM", "electronic", "dev MSE, standardised"),
                     "no digits; LSTM < GRU"),
            Headline("GRU", Source("waveform", "GRU, equal width", "electronic",
                                   "dev MSE, standardised"), ""),
            Headline("dB from real sound, GRU",
                     Source("waveform", "GRU, equal width", "electronic",
                            "log-spectral distance, one block ahead"), ""),
            Headline("ours", Source("waveform", "partials and noise (ours)", "electronic",
                                    "log-spectral distance, one block ahead"), ""),
            Headline("nearer than all, the last block again",
                     Source("waveform", "last block again", "electronic",
                            "log-spectral distance, one block ahead"), ""),
        ),
        Source("audio_stream", "gruv", "its own rate", REAL_TIME),
    ),
)  # fmt: skip


def table(folder: Path = RESULTS) -> str:
    """Return the table as Markdown; raise `LookupError` if a figure is missing."""
    return markdown(COLUMNS, [_row(paper, folder) for paper in PAPERS])


def _row(paper: Paper, folder: Path) -> tuple[str, ...]:
    command = f"`perpetuum play {paper.flags}".rstrip() + "`"
    found = "; ".join(_headline(headline, folder) for headline in paper.headlines)
    return (
        f"[{paper.system}](benchmarks/results/{paper.page}.md), {paper.authors}", command, found,
        figure(paper.speed.read(folder)["value"]),
    )  # fmt: skip


def _headline(headline: Headline, folder: Path) -> str:
    value = figure(headline.source.read(folder)["value"])
    beside = f" ({headline.paper})" if headline.paper else ""
    return f"{headline.label} **{value}**{beside}"
