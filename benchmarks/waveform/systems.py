"""The systems of the comparison, and the length of their training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

STYLES = ("band", "electronic")
WIDTH = 256
CURVE = (32, 64, 128, 256, 512)
CURVE_STYLE = "electronic"
OURS = "partials"
REAL, REPEAT, SILENCE = "real pieces", "last block again", "silence"


@dataclass(frozen=True, slots=True)
class System:
    """A network of the paper's kind."""

    name: str
    title: str
    cell: str
    width: int | None = None
    """Number of units; None for the study's width, 0 for as many parameters as its LSTM."""


SYSTEMS = {
    s.name: s
    for s in (
        System("lstm", "LSTM", "lstm"),
        System("gru", "GRU, equal width", "gru"),
        System("gru-equal", "GRU, equal parameters", "gru", 0),
        System("peephole", "LSTM with peepholes", "peephole"),
    )
}
TITLES = {**{s.name: s.title for s in SYSTEMS.values()}, OURS: "partials and noise (ours)"}


@dataclass(frozen=True, slots=True)
class Study:
    """The options of `benchmarks.waveform`."""

    corpus: Path
    out: Path
    seeds: int = 3
    epochs: int = 12
    own_epochs: int = 40
    minutes: float = 10.0
    """Length of the endless stream."""
    device: str = "cpu"
    rate: int = 11_025
    hidden: int = WIDTH
    widths: tuple[int, ...] = CURVE
    """Widths in the curve of errors."""
    test: Path | None = None
    """A corpus of other pieces to test on; None for the dev pieces."""
