"""Figures of the benchmarks: stored in `results/NAME.json`, shown in `results/NAME.md`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, stdev

from benchmarks import bounds, measured, script

RESULTS = Path(__file__).parent / "results"
Document = dict[str, object]
"""A record as it is stored."""
COLUMNS = ("system", "set", "measure", "value", "sd", "n", "beside")


@dataclass(frozen=True, slots=True)
class Record:
    """One figure."""

    system: str
    """The system that was measured."""
    set: str
    """The data or conditions of the measurement."""
    measure: str
    unit: str
    """Empty for counts and ratios."""
    value: float
    sd: float | None = None
    """Standard deviation of the `n` readings."""
    n: int = 1
    paper: str | None = None
    """The figure to compare with: a published one, a goal, a range."""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Readings:
    """Several readings of one quantity, and their statistics."""

    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        return fmean(self.values)

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def sd(self) -> float | None:
        return stdev(self.values) if len(self.values) > 1 else None

    def quantile(self, share: float) -> float:
        """Return the smallest reading that `share` (0-1) of all readings do not exceed."""
        ordered = sorted(self.values)
        return ordered[max(-int(-share * len(ordered) // 1), 1) - 1]


def publish(name: str, records: Sequence[Record], folder: Path = RESULTS, page: str = "") -> None:
    """Write both files, and print the records as one line of JSON last.

    Without the text of a page, the page is a table of all records.
    """
    call = script.command(name)
    documents = [
        dataclasses.asdict(dataclasses.replace(r, command=r.command or call)) for r in records
    ]
    folder.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(document, ensure_ascii=False) for document in documents)
    (folder / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    page = page or f"# {name}\n\n{table(documents)}\n\n{made_by(call)}\n"
    (folder / f"{name}.md").write_text(page, encoding="utf-8")
    measured.note(name, folder)
    print(table(documents))
    print(json.dumps(documents, ensure_ascii=False))


def made_by(call: str) -> str:
    """Return the last line of a page."""
    return f"Made by `{call}`."


def all_figures(records: Sequence[Record], call: str) -> list[str]:
    """Return the last paragraphs of a page: every record, and the command that measured them."""
    return ["## All figures", table([dataclasses.asdict(r) for r in records]), made_by(call)]


def read(name: str, folder: Path = RESULTS) -> list[Document]:
    """Return the records of one script."""
    documents: list[Document] = json.loads((folder / f"{name}.json").read_bytes())
    return documents


def table(documents: Sequence[Document]) -> str:
    """Return records as a Markdown table."""
    return markdown(COLUMNS, [_row(document) for document in documents])


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return any table as Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(map(_line, lines))


def refreshed(page: str, documents: Sequence[Document]) -> str:
    """Return a page with what stands beside its figures written anew."""
    besides = {row[:-1]: row[-1] for row in map(_row, documents)}
    lines = []
    for line in page.splitlines():
        *cells, last = line[2:-2].split(" | ")
        beside = besides.get(tuple(cells), last) if line.startswith("| ") else last
        lines.append(line if beside == last else _line([*cells, beside]))
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _row(document: Document) -> tuple[str, ...]:
    words = [str(document[name]) for name in ("system", "set", "measure")]
    value = f"{figure(document['value'])} {document['unit']}".strip()
    sd = figure(document["sd"])
    beside = bounds.marked(float(str(document["value"])), str(document["paper"] or ""))
    return (*words, value, sd, str(document["n"]), beside)


def figure(value: object) -> str:
    """Return a number with three significant digits; an empty string for None."""
    if not isinstance(value, int | float):
        return ""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
