"""Figures of the benchmarks: stored in `results/NAME.json`, shown in `results/NAME.md`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median, stdev

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


def command(name: str, arguments: Sequence[str] | None = None) -> str:
    """Return the command line of the script `name`; absolute paths are shown below `corpora`."""
    given = sys.argv[1:] if arguments is None else arguments
    return " ".join([f"python -m {module(name)}", *map(_relative, given)])


def module(name: str) -> str:
    """Return the dotted name of the script `name`, a package or a module in a folder."""
    here = Path(__file__).parent
    folders = [path.parent.name for path in here.glob(f"*/{name}.py")]
    return ".".join(["benchmarks", *folders, name])


def script_parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """Return an argument parser for the script `name`."""
    return argparse.ArgumentParser(prog=f"python -m {module(name)}", description=description)


def _relative(argument: str) -> str:
    head, equals, word = argument.rpartition("=")
    path = Path(word)
    if not path.is_absolute():
        return argument
    end = path.parts[-2:] if path.suffix else path.parts[-1:]
    return f"{head}{equals}corpora/{'/'.join(end)}"


def publish(name: str, records: Sequence[Record], folder: Path = RESULTS) -> None:
    """Write both files, and print the records as one line of JSON last."""
    call = command(name)
    documents = [
        dataclasses.asdict(dataclasses.replace(r, command=r.command or call)) for r in records
    ]
    folder.mkdir(exist_ok=True)
    lines = ",\n".join(json.dumps(document, ensure_ascii=False) for document in documents)
    (folder / f"{name}.json").write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    page = f"# {name}\n\n{table(documents)}\n\nMade by `{call}`.\n"
    (folder / f"{name}.md").write_text(page, encoding="utf-8")
    print(table(documents))
    print(json.dumps(documents, ensure_ascii=False))


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
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(document: Document) -> tuple[str, ...]:
    words = [str(document[name]) for name in ("system", "set", "measure")]
    value = f"{figure(document['value'])} {document['unit']}".strip()
    sd = figure(document["sd"])
    return (*words, value, sd, str(document["n"]), str(document["paper"] or ""))


def figure(value: object) -> str:
    """Return a number with three significant digits; an empty string for None."""
    if not isinstance(value, int | float):
        return ""
    if value == int(value) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"
